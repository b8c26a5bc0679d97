import type { MessagePort } from 'node:worker_threads';
import { PortError, type StopSignal } from '../../ports/vocabulary.ts';

/** An object whose methods answer later, as those of every port do. */
export type Callable = object;

/** A call from the one thread to the other, and its answer. */
type Call = { readonly call: number; readonly port: string; readonly method: string; readonly args: readonly unknown[] };
type Abort = { readonly abort: number };
type Answer = { readonly answer: number; readonly value: unknown } | { readonly answer: number; readonly failure: Failure };

/** An error as it crosses between threads, where its class is lost. */
export interface Failure {
  readonly message: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly hint?: string;
  readonly cause?: Failure;
}

/** Stands in a call's arguments for a StopSignal, which cannot cross. */
const stopMark = '\0stop';

/** A port's error that was raised in the other thread: its code and whether it can be retried are as they were there. */
class RemoteFailure extends PortError {
  readonly code: string;
  readonly retryable: boolean;

  constructor(failure: Failure & { readonly code: string }) {
    const { cause, hint } = failure;
    super(failure.message, { ...(cause && { cause: errorOf(cause) }), ...(hint !== undefined && { hint }) });
    this.code = failure.code;
    this.retryable = failure.retryable ?? false;
  }
}

/** Serves the ports under their names to the thread at the other end. Its arguments and answers are plain data; a StopSignal may be among the arguments. */
export function serve(channel: MessagePort, ports: Readonly<Record<string, Callable>>): void {
  const underWay = new Map<number, AbortController>();
  channel.on('message', (message: Call | Abort) => {
    // Not at once: calls that come without a pause would keep timers and signals, and so Ctrl-C, from being heard.
    setImmediate(() => {
      if ('abort' in message) underWay.get(message.abort)?.abort();
      else void answer(channel, ports, underWay, message);
    });
  });
}

/** The other end's ports, by the names under which it serves them. */
export class RemotePorts {
  readonly #channel: MessagePort;
  readonly #open = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }>();
  #calls = 0;

  constructor(channel: MessagePort) {
    this.#channel = channel;
    channel.on('message', (message: Answer) => this.#settle(message));
  }

  /** The port of that name, with these methods: each must answer with a promise. */
  port<T extends Callable>(name: string, methods: readonly (keyof T & string)[]): T {
    return Object.fromEntries(methods.map((method) => [method, (...args: readonly unknown[]) => this.#call(name, method, args)])) as T;
  }

  #call(port: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const call = ++this.#calls;
    const stop = args.find(isStopSignal);
    const abort = (): void => this.#channel.postMessage({ abort: call } satisfies Abort);
    return new Promise((resolve, reject) => {
      this.#open.set(call, { resolve, reject });
      this.#channel.postMessage({ call, port, method, args: args.map((arg) => (arg === stop && stop ? stopMark : arg)) } satisfies Call);
      if (stop?.aborted) abort();
      stop?.addEventListener('abort', abort, { once: true });
    }).finally(() => stop?.removeEventListener('abort', abort));
  }

  #settle(message: Answer): void {
    const waiting = this.#open.get(message.answer);
    this.#open.delete(message.answer);
    if ('failure' in message) waiting?.reject(errorOf(message.failure));
    else waiting?.resolve(message.value);
  }
}

async function answer(
  channel: MessagePort,
  ports: Readonly<Record<string, Callable>>,
  underWay: Map<number, AbortController>,
  { call, port, method, args }: Call,
): Promise<void> {
  const stop = new AbortController();
  underWay.set(call, stop);
  try {
    const target = ports[port] as Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>> | undefined;
    if (typeof target?.[method] !== 'function') throw new TypeError(`There is no ${port}.${method} at the other end.`);
    const value = await target[method](...args.map((arg) => (arg === stopMark ? stop.signal : arg)));
    channel.postMessage({ answer: call, value } satisfies Answer);
  } catch (error) {
    channel.postMessage({ answer: call, failure: failureOf(error) } satisfies Answer);
  } finally {
    underWay.delete(call);
  }
}

function isStopSignal(value: unknown): value is StopSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}

/** The error in a form that crosses between threads. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, cause } = error;
  return {
    message,
    ...(error instanceof PortError && {
      code: error.code,
      retryable: error.retryable,
      ...(error.hint !== undefined && { hint: error.hint }),
    }),
    ...(cause !== undefined && { cause: failureOf(cause) }),
  };
}

/** The error that crossed: a port's error is one here, too, with its code and its hint. */
export function errorOf(failure: Failure): Error {
  if (failure.code !== undefined) return new RemoteFailure({ ...failure, code: failure.code });
  return failure.cause ? new Error(failure.message, { cause: errorOf(failure.cause) }) : new Error(failure.message);
}
