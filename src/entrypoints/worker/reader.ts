import { MessageChannel, Worker } from 'node:worker_threads';
import { errorOf, serve, type Failure } from '../../adapters/thread/remote.ts';
import type { Facts } from '../../ports/telemetry.ts';
import { served, type ReaderData } from '../composition/reader-thread.ts';
import { tokens, type World } from '../composition/tokens.ts';
import type { LanePorts } from './lane.ts';

/** What the reading thread tells beside its calls. */
export type FromReader =
  | { readonly level: 'debug' | 'info' | 'warn'; readonly event: string; readonly facts: Facts | undefined }
  | { readonly level: 'error'; readonly event: string; readonly error: unknown; readonly facts: Facts | undefined }
  | { readonly level: 'count'; readonly event: string; readonly value: number; readonly facts: Facts | undefined }
  | { readonly level: 'heard'; readonly trouble: Failure | undefined };

/**
 * The reader keeps a few megabytes at a time. Without a limit V8 lets garbage pile up to a hundred before it looks for it.
 * The young generation is three semi-spaces (nodejs.org/api/worker_threads.html#workerresourcelimits).
 */
const memory = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 24 };

/** How long the reader may take to come to a safe point, in milliseconds. */
const graceMs = 5_000;

/**
 * A thread of its own for process-csv: parsing and checking take as long as writing does, and so they go on at the same time.
 * It takes a while to start, so it may be made before there is anything to read; a process can end without having used it.
 */
export class ReaderThread {
  readonly #thread = new Worker(new URL('./reader-thread.js', import.meta.url), { resourceLimits: memory });

  constructor() {
    this.#thread.unref();
  }

  /** Reads until `stop` aborts, over the ports of `world`. To be called once. */
  async run(world: World, ports: LanePorts, options: Pick<ReaderData, 'spoolFolder' | 'limits'>, stop: AbortSignal): Promise<void> {
    const thread = this.#thread;
    const { port1, port2 } = new MessageChannel();
    serve(port1, Object.fromEntries(served.map((name) => [name, world.get<object>(tokens[name])])));
    thread.on('message', (message: FromReader) => hear(ports, message));
    thread.ref();
    const ended = new Promise<void>((resolve, reject) => {
      thread.once('error', reject);
      thread.once('exit', () => resolve());
    });
    const data: ReaderData = { ...options, channel: port2, visibilityMs: world.get(tokens.uploadSource).visibilityMs };
    thread.postMessage(data, [port2]);

    // A reader that cannot come to a safe point, because what it waits for does not work, is ended where it is: like any other
    // process that dies, it leaves nothing that is not done again.
    let overdue: NodeJS.Timeout | undefined;
    const askToStop = (): void => {
      thread.postMessage('stop');
      overdue = setTimeout(() => void thread.terminate(), graceMs);
    };
    if (stop.aborted) askToStop();
    else stop.addEventListener('abort', askToStop, { once: true });
    try {
      await ended;
    } finally {
      clearTimeout(overdue);
      stop.removeEventListener('abort', askToStop);
      port1.close();
    }
  }
}

function hear({ telemetry, heard }: LanePorts, message: FromReader): void {
  switch (message.level) {
    case 'heard':
      return heard('process-csv', message.trouble && errorOf(message.trouble));
    case 'error':
      return telemetry.error(message.event, message.error, message.facts);
    case 'count':
      return telemetry.count(message.event, message.value, message.facts);
    case 'debug':
    case 'info':
    case 'warn':
      return telemetry[message.level](message.event, message.facts);
  }
}
