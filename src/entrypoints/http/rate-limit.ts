import type { Clock } from '../../ports/clock.ts';

export interface Rate {
  readonly perSecond: number;
  /** How many may come at once. */
  readonly burst: number;
}

/** Senders that are remembered: whoever was silent the longest is forgotten first. */
const mostSenders = 10_000;

/** A bucket of tokens a sender: it fills at an even rate, and each request takes one. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #rate: Rate;
  /** In the order in which they came last. */
  readonly #buckets = new Map<string, { readonly left: number; readonly at: number }>();

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Lets a request through and answers 0; or tells after how many milliseconds one would be. */
  take(sender: string): number {
    const { perSecond, burst } = this.#rate;
    const now = this.#clock.now();
    const bucket = this.#buckets.get(sender) ?? { left: burst, at: now };
    const left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) * perSecond) / 1000);
    this.#buckets.delete(sender);
    this.#buckets.set(sender, { left: left >= 1 ? left - 1 : left, at: now });
    if (this.#buckets.size > mostSenders) this.#forgetOldest();
    return left >= 1 ? 0 : Math.ceil(((1 - left) * 1000) / perSecond);
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
