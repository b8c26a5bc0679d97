import { PortError } from './vocabulary.ts';

/** The sending end of a queue. Messages come out at least once, in no promised order. */
export interface MessageQueue<T> {
  /**
   * Sends all the messages; those that it names in its answer were not sent, the others are durable.
   * @throws QueueUnavailable where nothing was sent, or where it cannot be told.
   */
  send(messages: readonly Outgoing<T>[]): Promise<readonly Unsent[]>;
}

export interface Outgoing<T> {
  readonly body: T;
  /** How long the message stays invisible at first, in milliseconds. */
  readonly delayMs?: number;
}

/** A message that was not sent: its index in the call, and why. */
export interface Unsent {
  readonly index: number;
  readonly cause: string;
  readonly retryable: boolean;
}

/** The queue did not answer, or the database under it is busy. */
export class QueueUnavailable extends PortError {
  readonly code = 'queue-unavailable';
  readonly retryable = true;
}
