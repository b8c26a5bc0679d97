import type { Random } from '../../ports/random.ts';
import type { Instant, Recipient } from '../../ports/vocabulary.ts';
import type { WelcomeRecord } from '../../ports/welcome-ledger.ts';
import { backOff, welcomeRetries } from '../retry.ts';

/** A send of which nobody knows whether it succeeded is tried again this often: once. */
const maxUncertainSends = 2;

/** An uncertain send waits this long before it is tried again, so that a mail server in trouble can recover. */
const uncertainWaitMs = 5_000;

/** Who claims a welcome, and until when nobody else may. */
export interface Claim {
  readonly token: string;
  readonly leaseUntil: Instant;
}

/**
 * What a delivery may do with a welcome. `send`: write the record, and send if it could be written. `settle`: write the record,
 * and send nothing. `wait`: somebody else sends it, or it is not its time. `ended`: it was sent, or nobody will ever know.
 */
export type ClaimDecision =
  | { readonly decision: 'send' | 'settle'; readonly record: WelcomeRecord }
  | { readonly decision: 'wait'; readonly until: Instant }
  | { readonly decision: 'ended' };

/**
 * Decides about a delivery, given the record that is kept.
 * @param idempotent whether the mailer makes one mail of two sends: then a claim that ran out leaves nothing uncertain
 */
export function decideClaim(
  kept: WelcomeRecord | undefined,
  recipient: Recipient,
  claim: Claim,
  now: Instant,
  idempotent: boolean,
): ClaimDecision {
  if (!kept) return { decision: 'send', record: claimed(firstRecord(recipient, now), claim, now) };
  switch (kept.state) {
    case 'sent':
    case 'uncertain':
      return { decision: 'ended' };
    case 'refused':
    case 'failed':
      // It lay in dead letters, and was sent back: its attempts start again.
      return { decision: 'send', record: claimed({ ...kept, attempts: 0 }, claim, now) };
    case 'waiting':
      return (kept.retryAt ?? 0) > now
        ? { decision: 'wait', until: kept.retryAt ?? now }
        : { decision: 'send', record: claimed(kept, claim, now) };
    case 'claimed':
      if ((kept.leaseUntil ?? 0) > now) return { decision: 'wait', until: kept.leaseUntil ?? now };
      return afterLostClaim(kept, claim, now, idempotent);
  }
}

/** The mail server took it. */
export function sent(record: WelcomeRecord, now: Instant): WelcomeRecord {
  return { ...ended(record, now), state: 'sent' };
}

/** The mail server will never take it. */
export function refused(record: WelcomeRecord, cause: string, now: Instant): WelcomeRecord {
  return { ...handedOn(record, now), state: 'refused', cause };
}

/** It cannot be sent, and trying again would not help. */
export function failed(record: WelcomeRecord, cause: string, now: Instant): WelcomeRecord {
  return { ...handedOn(record, now), state: 'failed', cause };
}

/** The mail server would not take it now: it is tried again, or given up after too many attempts. */
export function unavailable(record: WelcomeRecord, cause: string, now: Instant, random: Random): WelcomeRecord {
  const attempts = record.attempts + 1;
  if (attempts >= welcomeRetries.attempts) return failed({ ...record, attempts }, cause, now);
  return { ...handedOn(record, now), state: 'waiting', attempts, retryAt: now + backOff(welcomeRetries, attempts, random), cause };
}

/** Nothing was handed over and nothing is held against it: it waits as before. */
export function putBack(record: WelcomeRecord, now: Instant): WelcomeRecord {
  return { ...handedOn(record, now), state: 'waiting' };
}

/** It was handed over and no answer came: it is tried once more, and then left alone. */
export function uncertain(record: WelcomeRecord, cause: string, now: Instant): WelcomeRecord {
  const uncertainSends = record.uncertainSends + 1;
  if (uncertainSends >= maxUncertainSends) return { ...ended(record, now), uncertainSends, cause, state: 'uncertain' };
  return { ...handedOn(record, now), uncertainSends, cause, state: 'waiting', retryAt: now + uncertainWaitMs };
}

/** Whether what is kept is that very decision: it was written, and only the answer was lost. */
export function isSameDecision(kept: WelcomeRecord | undefined, decided: WelcomeRecord): boolean {
  return kept?.token !== undefined && kept.token === decided.token && kept.revision === decided.revision + 1;
}

function firstRecord({ userId, importId }: Recipient, now: Instant): WelcomeRecord {
  return { userId, importId, revision: 0, state: 'waiting', attempts: 0, uncertainSends: 0, at: now };
}

function claimed(record: WelcomeRecord, { token, leaseUntil }: Claim, now: Instant): WelcomeRecord {
  return { ...ended(record, now), state: 'claimed', token, leaseUntil };
}

/** Whoever had claimed it said nothing any more: unless the mailer tells one from two, its send is uncertain. */
function afterLostClaim(kept: WelcomeRecord, claim: Claim, now: Instant, idempotent: boolean): ClaimDecision {
  if (idempotent) return { decision: 'send', record: claimed(kept, claim, now) };
  const record = uncertain(kept, 'The sender stopped before it knew the answer of the mail server.', now);
  if (record.state === 'uncertain') return { decision: 'settle', record };
  return { decision: 'send', record: claimed(record, claim, now) };
}

/** As `ended`, with the claim's token: something is still to be done about it, and so whose decision it was must be told. */
function handedOn(record: WelcomeRecord, now: Instant): WelcomeRecord {
  return { ...ended(record, now), ...(record.token !== undefined && { token: record.token }) };
}

/** The record without what belongs to a claim or a wait; the last cause is kept only by those who set it. */
function ended({ userId, importId, revision, state, attempts, uncertainSends }: WelcomeRecord, now: Instant): WelcomeRecord {
  return { userId, importId, revision, state, attempts, uncertainSends, at: now };
}
