import type { Clock } from '../../ports/clock.ts';
import type { StopSignal } from '../../ports/vocabulary.ts';

/** Wakes those in this process who wait for something to arrive; other processes' arrivals are found by looking every so often. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  ring(): void {
    for (const wake of this.#waiting) wake();
  }

  /**
   * Calls `look` until it finds something: at once, whenever the bell rings, and every `lookMs` milliseconds.
   * Answers what it found last when `waitMs` have passed or `stop` aborts.
   */
  async await<T>(clock: Clock, look: () => T, found: (seen: T) => boolean, waitMs: number, lookMs: number, stop?: StopSignal): Promise<T> {
    const until = clock.now() + waitMs;
    for (;;) {
      const seen = look();
      const left = until - clock.now();
      if (found(seen) || left <= 0 || stop?.aborted) return seen;
      await this.#sleep(clock, Math.min(left, lookMs), stop);
    }
  }

  async #sleep(clock: Clock, ms: number, stop: StopSignal | undefined): Promise<void> {
    const woken = new AbortController();
    // With a reason of its own no exception is made, which would cost more than the wait.
    const wake = (): void => woken.abort('woken');
    this.#waiting.add(wake);
    stop?.addEventListener('abort', wake, { once: true });
    try {
      await clock.sleep(ms, woken.signal);
    } finally {
      this.#waiting.delete(wake);
      stop?.removeEventListener('abort', wake);
    }
  }
}
