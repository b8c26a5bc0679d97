import type { ImportId, Instant, UserId } from './vocabulary.ts';

/**
 * One small record a welcome. The domain decides what it says; `replace` writes it only over the revision that the
 * decision was made from, so of two who decide at once one learns that it came second. A user without a record is due.
 * Raises LedgerUnavailable.
 */
export interface WelcomeLedger {
  /**
   * Writes each record with its revision raised by one if the kept one still has `record.revision` (0: there is none yet).
   * Durable when it answers: it survives a power cut.
   * @returns for each record, whether it was written, and what is kept now.
   */
  replace(records: readonly WelcomeRecord[]): Promise<readonly Replaced[]>;
  find(users: readonly UserId[]): Promise<readonly (WelcomeRecord | undefined)[]>;
  /** Counted from the records: of the users that one import inserted, or of all. */
  totals(importId?: ImportId): Promise<WelcomeTotals>;
  /** Keeps how welcomes go out (a mailer's kind) if nothing is kept yet; answers what is kept. */
  keepChannel(kind: string): Promise<string>;
  /** How welcomes go out, if that is kept. */
  channel(): Promise<string | undefined>;
}

/** What came of writing a record: where it was not written, another came first, and `kept` is theirs, if there is one at all. */
export type Replaced =
  { readonly written: true; readonly kept: WelcomeRecord } | { readonly written: false; readonly kept?: WelcomeRecord };

/**
 * `waiting`: to be sent, at `retryAt` if it is set. `claimed`: somebody is sending it, until `leaseUntil`.
 * `sent`: the mail server took it. `uncertain`: nobody knows, and it is not tried again.
 * `refused`: the mail server will not take it. `failed`: it was given up. The last two lie in dead letters.
 */
export type WelcomeState = 'waiting' | 'claimed' | 'sent' | 'uncertain' | 'refused' | 'failed';

export interface WelcomeRecord {
  readonly userId: UserId;
  readonly importId: ImportId;
  readonly revision: number;
  readonly state: WelcomeState;
  /** Who claimed it, or decided what it says now: a fresh name a claim. */
  readonly token?: string;
  readonly leaseUntil?: Instant;
  /** Attempts that failed and were certain to have sent nothing. */
  readonly attempts: number;
  /** Sends of which nobody knows whether the mail server took them: at most two. */
  readonly uncertainSends: number;
  readonly retryAt?: Instant;
  /** The last failure, in a sentence. */
  readonly cause?: string;
  readonly at: Instant;
}

export interface WelcomeTotals {
  readonly waiting: number;
  readonly claimed: number;
  readonly sent: number;
  readonly uncertain: number;
  readonly refused: number;
  readonly failed: number;
  /** Welcomes, in whatever state they are now, of which a send was uncertain at some time. */
  readonly everUncertain: number;
}
