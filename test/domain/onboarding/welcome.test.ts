import { describe, expect, test } from '@jest/globals';
import {
  decideClaim,
  failed,
  isSameDecision,
  putBack,
  refused,
  sent,
  unavailable,
  uncertain,
  type ClaimDecision,
} from '../../../src/domain/onboarding/welcome.ts';
import type { WelcomeRecord } from '../../../src/ports/welcome-ledger.ts';

const now = 100_000;
const recipient = { userId: 'u1', address: 'ada@example.com', name: 'Ada', importId: 'import-a' };
const claim = { token: 't2', leaseUntil: now + 30_000 };

/** What every record of these tests has. */
const base = { userId: 'u1', importId: 'import-a', revision: 7, attempts: 2, uncertainSends: 0, at: 5_000 } as const;
/** A claim that somebody has. */
const held: WelcomeRecord = { ...base, state: 'claimed', token: 't1', leaseUntil: now + 1 };
const bare = { userId: 'u1', importId: 'import-a', revision: 7, at: now } as const;
const ours = { ...bare, state: 'claimed', ...claim } as const;
const gone = 'The sender stopped before it knew the answer of the mail server.';

describe('a delivery finds', () => {
  test.each<[string, WelcomeRecord | undefined, boolean, ClaimDecision]>([
    ['no record: it sends', undefined, false, { decision: 'send', record: { ...ours, revision: 0, attempts: 0, uncertainSends: 0 } }],
    ['a welcome that was sent: nothing is left to do', { ...base, state: 'sent' }, false, { decision: 'ended' }],
    [
      'one of which nobody will ever know: nothing is left to do',
      { ...base, state: 'uncertain', uncertainSends: 2 },
      false,
      { decision: 'ended' },
    ],
    [
      'one that was refused, sent back from dead letters: it begins again',
      { ...base, state: 'refused', cause: 'no such box', uncertainSends: 1 },
      false,
      { decision: 'send', record: { ...ours, attempts: 0, uncertainSends: 1 } },
    ],
    [
      'one that was given up, sent back from dead letters: it begins again',
      { ...base, state: 'failed', cause: 'too often', attempts: 6 },
      false,
      { decision: 'send', record: { ...ours, attempts: 0, uncertainSends: 0 } },
    ],
    [
      'one that waits: it sends',
      { ...base, state: 'waiting' },
      false,
      { decision: 'send', record: { ...ours, attempts: 2, uncertainSends: 0 } },
    ],
    [
      'one whose wait is just over: it sends',
      { ...base, state: 'waiting', retryAt: now, cause: 'greylisted' },
      false,
      { decision: 'send', record: { ...ours, attempts: 2, uncertainSends: 0 } },
    ],
    ['one whose wait is not over: it waits', { ...base, state: 'waiting', retryAt: now + 1 }, false, { decision: 'wait', until: now + 1 }],
    ['one that somebody is sending: it waits', held, false, { decision: 'wait', until: now + 1 }],
    ['one that somebody is sending by a mailer that tells one from two: it waits too', held, true, { decision: 'wait', until: now + 1 }],
    [
      'a claim that has just run out: its send is uncertain, and it sends',
      { ...held, leaseUntil: now },
      false,
      { decision: 'send', record: { ...ours, attempts: 2, uncertainSends: 1 } },
    ],
    [
      'a claim without an end: as one that has run out',
      { ...base, state: 'claimed', token: 't1' },
      false,
      { decision: 'send', record: { ...ours, attempts: 2, uncertainSends: 1 } },
    ],
    [
      'a second claim that has run out: it is left alone',
      { ...held, leaseUntil: now, uncertainSends: 1 },
      false,
      { decision: 'settle', record: { ...bare, state: 'uncertain', attempts: 2, uncertainSends: 2, cause: gone } },
    ],
    [
      'a claim that has run out by a mailer that tells one from two: it sends, and nothing is uncertain',
      { ...held, leaseUntil: now, uncertainSends: 1 },
      true,
      { decision: 'send', record: { ...ours, attempts: 2, uncertainSends: 1 } },
    ],
  ])('%s', (_, kept, idempotent, decision) => {
    expect(decideClaim(kept, recipient, claim, now, idempotent)).toStrictEqual(decision);
  });
});

describe('a send ends', () => {
  const chance = { next: () => 1 };
  test.each<[string, WelcomeRecord, WelcomeRecord]>([
    ['taken', sent(held, now), { ...bare, state: 'sent', attempts: 2, uncertainSends: 0 }],
    [
      'refused',
      refused(held, 'no such box', now),
      { ...bare, state: 'refused', token: 't1', attempts: 2, uncertainSends: 0, cause: 'no such box' },
    ],
    ['with a defect', failed(held, 'odd', now), { ...bare, state: 'failed', token: 't1', attempts: 2, uncertainSends: 0, cause: 'odd' }],
    ['put back', putBack(held, now), { ...bare, state: 'waiting', token: 't1', attempts: 2, uncertainSends: 0 }],
    [
      'not taken now',
      unavailable(held, 'greylisted', now, chance),
      { ...bare, state: 'waiting', token: 't1', attempts: 3, uncertainSends: 0, retryAt: now + 16_000, cause: 'greylisted' },
    ],
    [
      'not taken for the first time',
      unavailable({ ...held, attempts: 0 }, 'greylisted', now, chance),
      { ...bare, state: 'waiting', token: 't1', attempts: 1, uncertainSends: 0, retryAt: now + 1_000, cause: 'greylisted' },
    ],
    [
      'not taken for the fifth time',
      unavailable({ ...held, attempts: 4 }, 'greylisted', now, chance),
      { ...bare, state: 'waiting', token: 't1', attempts: 5, uncertainSends: 0, retryAt: now + 256_000, cause: 'greylisted' },
    ],
    [
      'not taken for the sixth time',
      unavailable({ ...held, attempts: 5 }, 'greylisted', now, chance),
      { ...bare, state: 'failed', token: 't1', attempts: 6, uncertainSends: 0, cause: 'greylisted' },
    ],
    [
      'without an answer',
      uncertain(held, 'cut off', now),
      { ...bare, state: 'waiting', token: 't1', attempts: 2, uncertainSends: 1, retryAt: now + 5_000, cause: 'cut off' },
    ],
    [
      'without an answer again',
      uncertain({ ...held, uncertainSends: 1 }, 'cut off', now),
      { ...bare, state: 'uncertain', attempts: 2, uncertainSends: 2, cause: 'cut off' },
    ],
  ])('%s', (_, record, expected) => {
    expect(record).toStrictEqual(expected);
  });
});

describe('a decision that was not written', () => {
  const decided = refused(held, 'no such box', now);
  test.each([
    ['is the same that is kept', { ...decided, revision: decided.revision + 1 }, true],
    ['is not what another decided', { ...decided, revision: decided.revision + 1, token: 'another' }, false],
    ['is not what was decided since', { ...decided, revision: decided.revision + 2 }, false],
    ['is not what is kept without a claim', { ...sent(held, now), revision: decided.revision + 1 }, false],
    ['is not where nothing is kept', undefined, false],
  ])('%s', (_, kept, same) => {
    expect(isSameDecision(kept, decided)).toBe(same);
  });
});
