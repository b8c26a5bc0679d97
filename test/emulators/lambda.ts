import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export interface LambdaSettings {
  readonly name: string;
  /** A module whose export `handler` is the function. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** What came of an invocation: what the function answered, or an error. */
export type Invocation = { readonly answer: unknown } | { readonly error: { readonly type: string; readonly message: string } };

/**
 * A stand-in for one function of AWS Lambda: keeps a pool of processes, each of which serves one invocation at a time and is used
 * again, and is their Runtime API. A process that exceeds the time-out is killed, one that ends fails its invocation.
 */
export class LambdaDouble {
  readonly name: string;
  readonly memoryMb: number;
  /** How many invocations began. */
  invocations = 0;
  /** The sum of all durations, each in whole milliseconds begun, with the start of the process: what is billed. */
  billedMs = 0;
  /** What its processes worked altogether since they were loaded, in milliseconds of a processor: Lambda gives a function the share of one that goes with its memory. */
  workedMs = 0;
  logBytes = 0;
  /** The newest lines that the function wrote, for whoever looks for a failure. */
  readonly log: string[] = [];
  /** Invocations whose process dies when it has answered, before the answer is heard. */
  deaths = 0;
  readonly #settings: LambdaSettings;
  readonly #server: Server;
  readonly #sandboxes = new Map<string, Sandbox>();

  private constructor(settings: LambdaSettings) {
    this.#settings = settings;
    this.name = settings.name;
    this.memoryMb = settings.memoryMb;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    // A runtime waits as long as it takes for its next invocation.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 0;
  }

  static async start(settings: LambdaSettings): Promise<LambdaDouble> {
    const double = new LambdaDouble(settings);
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get running(): number {
    return [...this.#sandboxes.values()].filter(({ underWay }) => underWay).length;
  }

  get gbSeconds(): number {
    return (this.billedMs / 1000) * (this.memoryMb / 1024);
  }

  /** Forgets what was counted so far. */
  forget(): void {
    this.invocations = 0;
    this.billedMs = 0;
    this.workedMs = 0;
    this.logBytes = 0;
  }

  /** Runs the function once; never raises. */
  async invoke(event: unknown): Promise<Invocation> {
    this.invocations += 1;
    const began = performance.now();
    const sandbox = [...this.#sandboxes.values()].find(({ underWay }) => !underWay) ?? this.#open();
    const invocation = await new Promise<Invocation>((settle) => {
      const deadline = Date.now() + this.#settings.timeoutMs;
      const timer = setTimeout(() => {
        void this.#end(sandbox, 'Sandbox.Timedout', `Task timed out after ${this.#settings.timeoutMs} ms`);
      }, this.#settings.timeoutMs);
      const settled = (outcome: Invocation) => {
        clearTimeout(timer);
        settle(outcome);
      };
      sandbox.underWay = { id: randomUUID(), deadline, event: JSON.stringify(event), settle: settled };
      this.#hand(sandbox);
    });
    this.workedMs += sandbox.workedMs - (sandbox.countedMs ?? sandbox.workedMs);
    sandbox.countedMs = sandbox.workedMs;
    this.billedMs += Math.ceil(performance.now() - began);
    return invocation;
  }

  /** Ends the processes, so that the next invocation starts a new one; waits until they are gone. */
  async restart(): Promise<void> {
    await Promise.all([...this.#sandboxes.values()].map((sandbox) => this.#end(sandbox, 'Runtime.Closed', 'The function was closed.')));
  }

  /** Ends the processes; waits until they are gone. */
  async close(): Promise<void> {
    await this.restart();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #open(): Sandbox {
    const { name, file, environment, memoryMb, timeoutMs } = this.#settings;
    const id = randomUUID();
    const { port } = this.#server.address() as AddressInfo;
    const process_ = spawn(process.execPath, [join(import.meta.dirname, 'lambda-bootstrap.mjs')], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Nothing of this process: what the function needs it must be given.
      env: {
        PATH: process.env['PATH'],
        TZ: ':UTC',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}/${id}`,
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
        AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeoutMs / 1000),
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: id,
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        LAMBDA_TASK_ROOT: dirname(file),
        _HANDLER: `${basename(file, '.mjs')}.handler`,
        ...environment,
      },
    });
    const sandbox: Sandbox = {
      id,
      process: process_,
      workedMs: 0,
      countedMs: undefined,
      exited: new Promise((resolve) => process_.once('exit', () => resolve())),
    };
    for (const stream of [process_.stdout, process_.stderr]) {
      stream.on('data', (part: Buffer) => {
        this.logBytes += part.length;
        this.log.push(...part.toString().trimEnd().split('\n'));
        this.log.splice(0, this.log.length - keptLines);
      });
    }
    // Whoever ends takes what it was to read with it.
    process_.stdin.on('error', () => undefined);
    process_.once('exit', (code, signal) => void this.#end(sandbox, 'Runtime.ExitError', `The process ended with ${code ?? signal}.`));
    this.#sandboxes.set(id, sandbox);
    return sandbox;
  }

  /** Kills the process, and fails what it was at. */
  #end(sandbox: Sandbox, type: string, message: string): Promise<void> {
    this.#sandboxes.delete(sandbox.id);
    const { underWay } = sandbox;
    delete sandbox.underWay;
    sandbox.process.kill('SIGKILL');
    underWay?.settle({ error: { type, message } });
    return sandbox.exited;
  }

  /** Hands the invocation to the process, if it has asked for one. */
  #hand(sandbox: Sandbox): void {
    const { underWay, next } = sandbox;
    if (!underWay || !next) return;
    delete sandbox.next;
    next.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': underWay.id,
      'lambda-runtime-deadline-ms': String(underWay.deadline),
      'lambda-runtime-invoked-function-arn': `arn:aws:lambda:eu-central-1:000000000000:function:${this.name}`,
      'lambda-runtime-trace-id': `Root=1-00000000-${underWay.id.replaceAll('-', '').slice(0, 24)};Sampled=0`,
    });
    next.end(underWay.event);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = '', path = ''] = /^\/([^/]+)\/2018-06-01\/runtime\/(.+)$/.exec(request.url ?? '') ?? [];
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) {
      response.writeHead(404).end();
      return;
    }
    sandbox.workedMs = Number(request.headers['x-worked-us']) / 1_000;
    if (path === 'invocation/next') {
      sandbox.countedMs ??= sandbox.workedMs;
      sandbox.next = response;
      this.#hand(sandbox);
      return;
    }
    const body = await textOf(request);
    const { underWay } = sandbox;
    const what = /^invocation\/([^/]+)\/(response|error)$/.exec(path);
    if (path === 'init/error') void this.#end(sandbox, ...told(body));
    else if (!what || !underWay || what[1] !== underWay.id) {
      response.writeHead(400).end();
      return;
    } else if (this.deaths > 0) {
      this.deaths -= 1;
      void this.#end(sandbox, 'Runtime.ExitError', 'The process was killed before its answer was heard.');
    } else {
      delete sandbox.underWay;
      const [type, message] = told(body);
      underWay.settle(what[2] === 'error' ? { error: { type, message } } : { answer: JSON.parse(body) });
    }
    response.writeHead(202).end();
  }
}

/** One process. */
interface Sandbox {
  readonly id: string;
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly exited: Promise<void>;
  /** What the process had worked when it last told it, and what of that is counted or was for loading, in milliseconds of a processor. */
  workedMs: number;
  countedMs: number | undefined;
  underWay?: {
    readonly id: string;
    readonly deadline: number;
    readonly event: string;
    readonly settle: (invocation: Invocation) => void;
  };
  /** The request by which the process asked for its next invocation. */
  next?: ServerResponse;
}

const keptLines = 200;

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** What an error's report says (Lambda Developer Guide, "Invocation error"). */
function told(report: string): [type: string, message: string] {
  const { errorType = 'Error', errorMessage = report } = (JSON.parse(report) ?? {}) as { errorType?: string; errorMessage?: string };
  return [errorType, errorMessage];
}
