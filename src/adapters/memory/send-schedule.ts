import type { SendSchedule } from '../../ports/send-schedule.ts';
import type { Instant } from '../../ports/vocabulary.ts';

/** The line of the senders of one process. */
export class MemorySendSchedule implements SendSchedule {
  readonly #beginnings = new Map<string, Instant>();
  #free: Instant = -Infinity;

  async reserve(holder: string, lengthMs: number, now: Instant): Promise<Instant> {
    await Promise.resolve();
    const reserved = this.#beginnings.get(holder);
    if (reserved !== undefined && reserved + lengthMs > now) return reserved;
    // All that was reserved is over then.
    if (this.#free <= now) this.#beginnings.clear();
    const begins = Math.max(now, this.#free);
    this.#free = begins + lengthMs;
    this.#beginnings.set(holder, begins);
    return begins;
  }
}
