import type { Clock } from '../../ports/clock.ts';
import type { Instant, StopSignal } from '../../ports/vocabulary.ts';

/** Time that passes only when it is told to. */
export class MemoryClock implements Clock {
  #now: Instant;
  /** In the order in which they fell asleep. */
  readonly #sleepers = new Set<Sleeper>();
  /** Who wakes first, where that is known. */
  #first: Sleeper | undefined;

  constructor(start: Instant = 1_800_000_000_000) {
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  sleep(ms: number, signal?: StopSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        if (this.#first === sleeper) this.#first = undefined;
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper: Sleeper = { wakeAt: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      if (this.#first && sleeper.wakeAt < this.#first.wakeAt) this.#first = sleeper;
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** When the next sleeper wakes; undefined where nobody sleeps. */
  nextWakeAt(): Instant | undefined {
    return this.#next()?.wakeAt;
  }

  /**
   * Lets `ms` milliseconds pass. Whoever sleeps until then wakes in the order of time, each at its own instant, and what it does
   * before it waits again is done before the next one wakes. One call at a time.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let next = this.#next(); next !== undefined && next.wakeAt <= until; next = this.#next()) {
      this.#now = next.wakeAt;
      next.wake();
      await settled();
    }
    this.#now = until;
  }

  #next(): Sleeper | undefined {
    if (this.#first === undefined) {
      for (const sleeper of this.#sleepers) if (this.#first === undefined || sleeper.wakeAt < this.#first.wakeAt) this.#first = sleeper;
    }
    return this.#first;
  }
}

interface Sleeper {
  readonly wakeAt: Instant;
  readonly wake: () => void;
}

/** Resolves when every promise that can go on without time passing has gone on: the event loop turns only then. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
