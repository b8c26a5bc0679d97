import type { Clock } from '../../ports/clock.ts';
import type { StopSignal } from '../../ports/vocabulary.ts';

/** Wakes at once whoever waits for something to be there. */
export class Bell {
  readonly #waiting = new Set<AbortController>();

  ring(): void {
    // With a reason of its own: the platform's would come with a stack trace, which costs more than all the rest.
    for (const waiter of this.#waiting) waiter.abort('rung');
  }

  /** Resolves when the bell rings, after `ms` milliseconds of the clock, or when `signal`, which is not aborted yet, aborts. */
  async wait(clock: Clock, ms: number, signal?: StopSignal): Promise<void> {
    const waiter = new AbortController();
    const stop = () => waiter.abort();
    signal?.addEventListener('abort', stop, { once: true });
    this.#waiting.add(waiter);
    await clock.sleep(ms, waiter.signal);
    this.#waiting.delete(waiter);
    signal?.removeEventListener('abort', stop);
  }
}
