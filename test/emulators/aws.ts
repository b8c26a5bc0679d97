import { NodeHttpHandler } from '@smithy/node-http-handler';
import { buildApp } from 'fauxqs';
import type { App, Reply, Request } from './http.ts';
import { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import { SnsStore } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
import { SqsStore, type SqsQueue } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { INVALID_MESSAGE_BODY_CHAR } from '../../node_modules/fauxqs/dist/sqs/sqsTypes.js';
import { S3Extras } from './s3-extras.ts';

/** What a request is answered with instead of what it asked for. */
export type Fault =
  | { readonly status: number; readonly code: string; readonly message?: string }
  /** The connection is closed without an answer. */
  | 'hang up'
  /** The connection is closed after so many bytes of the body. */
  | { readonly cutAfter: number };

export interface SeenRequest {
  /** `SendMessageBatch`, or `GET /bucket/key?query`. */
  readonly what: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A request that was handled, and what came of it. */
export interface Exchange extends SeenRequest {
  /** The request's body as it was understood. */
  readonly body: unknown;
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, unknown>>;
  /** The answer's body, unless it was empty or cut. */
  readonly answer: unknown;
}

/** The credentials that every client uses. */
export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-the-emulator' };

/** S3 and SQS over HTTP in this process: fauxqs, with what it leaves out. Keeps everything in memory. */
export class AwsEmulator {
  /** All requests so far. */
  readonly requests: SeenRequest[] = [];
  readonly s3 = new S3Store();
  readonly extras = new S3Extras(this.s3);
  readonly #sqs = new SqsStore();
  /** How long the handling of a request waits, in milliseconds: services are not in this process. */
  latency: (what: string) => number = () => 0;
  readonly #watchers: ((exchange: Exchange) => void)[] = [];
  readonly #faults: ((request: SeenRequest) => Fault | undefined)[] = [];
  readonly #app: App;
  #endpoint = '';
  #queues = 0;
  #answering = 0;

  private constructor() {
    acceptAllOfUnicode();
    this.#app = buildApp({ logger: false, stores: { s3Store: this.s3, sqsStore: this.#sqs, snsStore: new SnsStore() } });
    this.#app.addHook('onRequest', async (request, reply) => this.#meet(request, reply));
    this.extras.install(this.#app);
    this.#app.addHook('preHandler', async (request) => {
      const ms = this.latency(nameOf(request));
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    });
    // The last of its kind: the request is handled within `done`.
    this.#app.addHook('preHandler', (request, reply, done) => {
      const queue = this.#longPolled(request);
      const waiting = queue?.pollWaiters.length ?? 0;
      done();
      if (queue && queue.pollWaiters.length > waiting) letGoOnHangUp(queue, reply);
    });
    this.#app.addHook('onSend', (request, reply, payload, done) => {
      const cut = cuts.get(request);
      if (cut === undefined || !Buffer.isBuffer(payload)) return done(null, payload);
      reply.raw.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>);
      reply.raw.write(payload.subarray(0, cut), () => reply.raw.destroy());
    });
    this.#app.addHook('onSend', (request, reply, payload, done) => {
      const { headers, body } = request;
      const exchange = {
        what: nameOf(request),
        headers,
        body,
        status: reply.statusCode,
        answerHeaders: reply.getHeaders(),
        answer: payload,
      };
      for (const watcher of this.#watchers) watcher(exchange);
      done(null, payload);
    });
  }

  static async start(): Promise<AwsEmulator> {
    const emulator = new AwsEmulator();
    emulator.#endpoint = await emulator.#app.listen({ host: '127.0.0.1', port: 0 });
    return emulator;
  }

  /** For the clients of the SDK; no retries but those that a test asks for. */
  get settings() {
    return { endpoint: this.#endpoint, region: 'eu-central-1', credentials, maxAttempts: 1, requestHandler: new OwnRealmHandler() };
  }

  /** Makes an empty queue; answers its URL. */
  createQueue(name = `queue-${String(++this.#queues)}`, attributes: Record<string, string> = {}): string {
    const url = `${this.#endpoint}/000000000000/${name}`;
    this.#sqs.createQueue(name, url, `arn:aws:sqs:eu-central-1:000000000000:${name}`, attributes);
    return url;
  }

  /** Ends the wait of every message of a queue, and the invisibility of those that were received. */
  hasten(url: string): void {
    const queue = this.#queueOf(url);
    for (const message of queue.delayedMessages) message.delayUntil = 0;
    for (const entry of queue.inflightMessages.values()) entry.visibilityDeadline = 0;
    queue.processTimers();
  }

  /** Forgets the messages of a queue. */
  purge(url: string): void {
    this.#queueOf(url).purge();
  }

  /** The texts on a queue: those that can be received now, or all of them. */
  textsOn(url: string, which: 'ready' | 'all' = 'all'): readonly string[] {
    const { ready, delayed, inflight } = this.#queueOf(url).inspectMessages();
    return (which === 'ready' ? ready : [...ready, ...delayed, ...inflight.map(({ message }) => message)]).map(({ body }) => body);
  }

  /** Tells of each request when its answer is ready. */
  watch(watcher: (exchange: Exchange) => void): void {
    this.#watchers.push(watcher);
  }

  /** How many requests wait for messages just now. */
  get parked(): number {
    return this.#sqs.listQueues().reduce((sum, { pollWaiters }) => sum + pollWaiters.length, 0);
  }

  /** Of the next requests, the first `times` for which `fault` answers anything are answered with that. */
  fail(fault: (request: SeenRequest) => Fault | undefined, times = 1): void {
    let left = times;
    this.#faults.push((request) => {
      const answer = left > 0 ? fault(request) : undefined;
      if (answer !== undefined) left -= 1;
      return answer;
    });
  }

  /** Fails the requests whose name begins so. */
  failNext(what: string, fault: Fault, times = 1): void {
    this.fail((request) => (request.what.startsWith(what) ? fault : undefined), times);
  }

  /** How many requests of a kind there were. */
  count(what: string): number {
    return this.requests.filter((request) => request.what.startsWith(what)).length;
  }

  /** Resolves when every answer is out, or nobody is left to hear it. */
  async idle(): Promise<void> {
    while (this.#answering > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Forgets faults and requests; queues and objects stay. */
  forget(): void {
    this.#faults.length = 0;
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    await this.#app.close();
  }

  async #meet(request: Request, reply: Reply): Promise<unknown> {
    const target = request.headers['x-amz-target'];
    const seen = { what: nameOf(request), headers: request.headers };
    this.requests.push(seen);
    this.#answering += 1;
    reply.raw.on('close', () => (this.#answering -= 1));
    for (const fault of this.#faults) {
      const answer = fault(seen);
      if (answer === undefined) continue;
      if (answer === 'hang up') return request.raw.destroy();
      if ('cutAfter' in answer) return void cuts.set(request, answer.cutAfter);
      const { status, code, message = 'as the test asked' } = answer;
      if (typeof target === 'string') {
        return reply
          .code(status)
          .headers({ 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${code};Sender` })
          .send(JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }));
      }
      return reply.code(status).type('application/xml').send(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    }
    return undefined;
  }

  #longPolled(request: Request): SqsQueue | undefined {
    if (request.headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') return undefined;
    return this.#sqs.getQueue((request.body as { readonly QueueUrl: string }).QueueUrl);
  }

  #queueOf(url: string): SqsQueue {
    const queue = this.#sqs.getQueue(url);
    if (!queue) throw new Error(`there is no queue ${url}`);
    return queue;
  }
}

/** Jest's errors are other classes than Node's own: the SDK would not know the latter as errors. */
class OwnRealmHandler extends NodeHttpHandler {
  override async handle(...args: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    return super.handle(...args).catch((error: unknown) => {
      if (error instanceof Error) throw error;
      const { name, message, ...rest } = error as Error;
      throw Object.assign(new Error(message), { name }, rest);
    });
  }
}

function nameOf({ method, url, headers }: Request): string {
  const target = headers['x-amz-target'];
  return typeof target === 'string' ? target.replace('AmazonSQS.', '') : `${method} ${url}`;
}

const cuts = new WeakMap<Request, number>();

/** fauxqs takes no character beyond U+FFFF; SQS does (SendMessage, "a message can include only XML, JSON, and unformatted text"). */
function acceptAllOfUnicode(): void {
  INVALID_MESSAGE_BODY_CHAR.test = (text) => /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(text);
}

/** fauxqs gives messages to who has hung up, too. */
function letGoOnHangUp(queue: SqsQueue, reply: Reply): void {
  const waiter = queue.pollWaiters.at(-1);
  reply.raw.on('close', () => {
    const at = waiter ? queue.pollWaiters.indexOf(waiter) : -1;
    if (at < 0) return;
    clearTimeout(waiter?.timer);
    queue.pollWaiters.splice(at, 1);
  });
}
