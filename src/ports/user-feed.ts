import type { StopSignal, User } from './vocabulary.ts';

/** Tells of every inserted user whose welcome is wanted, at least once, whoever inserted it. */
export interface UserFeed {
  /**
   * Up to `limit` users who were inserted and not yet let go of; waits up to `waitMs` for the first one, or until `signal` aborts.
   * One reader holds the feed at a time: while another one's batch is open, there is nothing to receive.
   * Raises DirectoryUnavailable.
   */
  receive(limit: number, waitMs: number, signal?: StopSignal): Promise<FeedBatch>;
  /** These users are announced: they do not come again. A batch whose time is over is ignored: its users come again. */
  advance(batch: FeedBatch): Promise<void>;
  /** How many users wait to be announced. */
  depth(): Promise<number>;
}

export interface FeedBatch {
  readonly users: readonly User[];
  /** Opaque; names the place up to which the feed was read, and by whom. */
  readonly cursor: string;
}
