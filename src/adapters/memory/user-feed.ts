import type { Clock } from '../../ports/clock.ts';
import type { FeedBatch, UserFeed } from '../../ports/user-feed.ts';
import type { Instant, StopSignal } from '../../ports/vocabulary.ts';
import { userOf, type MemoryUsers } from './users.ts';

/** The inserts of a MemoryUserDirectory over the same users. */
export class MemoryUserFeed implements UserFeed {
  readonly #users: MemoryUsers;
  readonly #clock: Clock;
  readonly #leaseMs: number;

  /** @param options `leaseMs`: how long a batch stays open before its users come again. */
  constructor(users: MemoryUsers, clock: Clock, options: { readonly leaseMs: number }) {
    this.#users = users;
    this.#clock = clock;
    this.#leaseMs = options.leaseMs;
  }

  async receive(limit: number, waitMs: number, signal?: StopSignal): Promise<FeedBatch> {
    await Promise.resolve();
    const until = this.#clock.now() + waitMs;
    for (;;) {
      const now = this.#clock.now();
      const batch = this.#take(limit, now);
      if (batch.users.length > 0 || now >= until || signal?.aborted === true) return batch;
      await this.#users.bell.wait(this.#clock, Math.min(until, this.#openUntil(now)) - now, signal);
    }
  }

  async advance({ cursor }: FeedBatch): Promise<void> {
    await Promise.resolve();
    const { open } = this.#users;
    if (open === undefined || open.cursor !== cursor || open.until <= this.#clock.now()) return;
    this.#users.unannounced.splice(0, open.size);
    this.#users.open = undefined;
    this.#users.bell.ring();
  }

  async depth(): Promise<number> {
    await Promise.resolve();
    return this.#users.unannounced.length;
  }

  #take(limit: number, now: Instant): FeedBatch {
    if (this.#openUntil(now) !== Infinity) return nobody;
    const users = this.#users.unannounced.slice(0, limit).flatMap((key) => {
      const kept = this.#users.kept.get(key);
      return kept === undefined ? [] : [userOf(kept)];
    });
    if (users.length === 0) return nobody;
    this.#users.opened += 1;
    const cursor = `batch-${this.#users.opened}`;
    this.#users.open = { cursor, size: users.length, until: now + this.#leaseMs };
    return { users, cursor };
  }

  /** Until when a batch is open; Infinity where none is. */
  #openUntil(now: Instant): Instant {
    const { open } = this.#users;
    return open === undefined || open.until <= now ? Infinity : open.until;
  }
}

const nobody: FeedBatch = { users: [], cursor: '' };
