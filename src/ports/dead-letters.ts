import type { ImportId, Instant, QueueName } from './vocabulary.ts';

/** Messages that could not be processed, kept with their cause until someone mends it and sends them back. Raises QueueUnavailable. */
export interface DeadLetters {
  /** Keeps the letters. One with an id that is already kept replaces it. */
  put(letters: readonly DeadLetter[]): Promise<void>;
  /** The oldest first, those after `after` (an id of the last page), at most `limit`. */
  list(filter: DeadLetterFilter, limit: number, after?: string): Promise<readonly DeadLetter[]>;
  count(filter: DeadLetterFilter): Promise<number>;
  /** Sends the letters back to their queues, and keeps them no longer. Unknown ids are ignored. Answers how many went back. */
  redrive(ids: readonly string[]): Promise<number>;
}

export interface DeadLetter {
  /** Names the letter: derived from the message, so that one failure is one letter. */
  readonly id: string;
  readonly queue: QueueName;
  /** The message as text, just as it was on the queue. */
  readonly text: string;
  /** A stable code, such as `unreadable-message` or `mail-refused`. */
  readonly code: string;
  /** What happened, in a sentence. */
  readonly cause: string;
  readonly importId?: ImportId;
  readonly at: Instant;
}

export interface DeadLetterFilter {
  readonly queue?: QueueName;
  readonly importId?: ImportId;
}
