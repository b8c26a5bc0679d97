import type { Decoded } from './codec.ts';
import type { Instant, StopSignal } from './vocabulary.ts';

/**
 * The receiving end of a queue. A received message is invisible to others for `visibilityMs`; unless it is
 * acknowledged by then, it comes again. It may also come twice, late and out of order.
 * Raises QueueUnavailable.
 */
export interface MessageSource<T> {
  readonly visibilityMs: number;
  /** Up to `limit` messages; waits up to `waitMs` for the first one, or until `signal` aborts, and then answers with none. */
  receive(limit: number, waitMs: number, signal?: StopSignal): Promise<readonly Delivery<T>[]>;
  /** These are done with. Unknown and expired receipts are ignored: their message has come again, or will. */
  acknowledge(receipts: readonly string[]): Promise<void>;
  /** Makes the messages visible again after `delayMs`. */
  release(receipts: readonly string[], delayMs: number): Promise<void>;
  /** Keeps the messages invisible for `visibilityMs` from now on. */
  extend(receipts: readonly string[]): Promise<void>;
  /** How much is in the queue; on some technologies approximately. */
  depth(): Promise<QueueDepth>;
}

/** One delivery of a message. */
export interface Delivery<T> {
  /** Names the message: the same for every delivery of it. */
  readonly id: string;
  /** Names this delivery. */
  readonly receipt: string;
  readonly content: Decoded<T>;
  /** How often it was received, this time included. */
  readonly receives: number;
  readonly sentAt: Instant;
}

export interface QueueDepth {
  /** Could be received now. */
  readonly ready: number;
  /** Were received, and are neither acknowledged nor expired. */
  readonly inFlight: number;
  /** Wait for their delay to pass. */
  readonly delayed: number;
}
