import type { SendSchedule } from '../../ports/send-schedule.ts';
import type { Instant } from '../../ports/vocabulary.ts';

/** A clock that is behind the last time that was told by more than this was set back; in milliseconds. */
const setBackMs = 1_000;

/** The line of the senders of one process. */
export class MemorySendSchedule implements SendSchedule {
  #beginnings = new Map<string, Instant>();
  #free: Instant = -Infinity;
  #told: Instant = -Infinity;

  async reserve(holder: string, lengthMs: number, now: Instant): Promise<Instant> {
    await Promise.resolve();
    if (now < this.#told - setBackMs) this.#setBack(this.#told - now);
    else this.#told = Math.max(this.#told, now);
    const reserved = this.#beginnings.get(holder);
    if (reserved !== undefined && reserved + lengthMs > now) return reserved;
    // All that was reserved is over then.
    if (this.#free <= now) this.#beginnings.clear();
    const begins = Math.max(now, this.#free);
    this.#free = begins + lengthMs;
    this.#beginnings.set(holder, begins);
    return begins;
  }

  /** The whole line moves with the clock: nobody is to wait until it is as late again. */
  #setBack(ms: number): void {
    this.#told -= ms;
    this.#free -= ms;
    this.#beginnings = new Map([...this.#beginnings].map(([holder, begins]) => [holder, begins - ms]));
  }
}
