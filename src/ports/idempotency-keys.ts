import { PortError, type Instant } from './vocabulary.ts';

/**
 * Remembers the answers to requests that carry a key of their sender, so that one which is repeated because its answer got lost is
 * answered alike, and done once. Raises KeysUnavailable.
 */
export interface IdempotencyKeys {
  /** The answer that is kept for the key, unless it was kept before `since`. */
  find(key: string, since: Instant): Promise<KeptAnswer | undefined>;
  /** Keeps the answer durably, unless one is kept for the key since `since`; tells which one is kept now. Older ones may be forgotten. */
  keep(key: string, answer: KeptAnswer, since: Instant): Promise<KeptAnswer>;
}

export interface KeptAnswer {
  /** Tells the request from every other one: a digest of what was asked for. */
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: Instant;
}

/** Where answers are kept does not answer, or is busy or full. */
export class KeysUnavailable extends PortError {
  readonly code = 'keys-unavailable';
  readonly retryable = true;
}
