import type { Invocation } from './lambda.ts';

/** What an event source mapping calls. */
export interface Invocable {
  invoke(event: unknown): Promise<Invocation>;
}

/** What goes on until it is stopped; a failure of it is raised by `stop`. */
export abstract class Mapping {
  #stop = new AbortController();
  /** What ended it before it was stopped. */
  failure: unknown;
  #running: Promise<void> | undefined;

  start(): this {
    this.#running ??= this.run(this.#stop.signal);
    // It is raised by `stop`; whoever waits for what the mapping does looks at it before.
    this.#running.catch((error: unknown) => (this.failure = error));
    return this;
  }

  /** Waits for the invocations that are under way. It may be started again. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#running = undefined;
    this.#stop = new AbortController();
  }

  protected abstract run(stop: AbortSignal): Promise<void>;
}
