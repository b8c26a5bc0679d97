import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Replaced, WelcomeLedger, WelcomeRecord, WelcomeState } from '../../src/ports/welcome-ledger.ts';
import { present, testsNeeding, upTo, type Lacks, type World } from './world.ts';

/** An empty ledger. */
export interface WelcomeLedgerWorld extends World {
  readonly welcomes: WelcomeLedger;
  /** How many records the technology keeps; read behind the adapter. */
  peek(): Promise<number>;
  /** The same ledger through a connection of its own, as another process has it. Closed with the world. */
  peer?(): Promise<WelcomeLedger>;
}

export type WelcomeLedgerCapability =
  /** Several connections to one ledger. */
  'peer';

/** Everything that WelcomeLedger promises, but for power cuts. */
export function welcomeLedgerContract(
  label: string,
  factory: () => Promise<WelcomeLedgerWorld>,
  lacks: Lacks<WelcomeLedgerCapability> = {},
): void {
  const testNeeding = testsNeeding(lacks);

  describe(`${label} keeps the contract of WelcomeLedger`, () => {
    let world: WelcomeLedgerWorld;
    let welcomes: WelcomeLedger;
    beforeEach(async () => {
      world = await factory();
      welcomes = world.welcomes;
    });
    afterEach(() => world.close());

    const findOne = async (user: string) => (await welcomes.find([user]))[0];

    describe('writing', () => {
      test('a first record is kept with its revision raised', async () => {
        const record = claimOf('user-1', 'token-1');
        expect(await welcomes.replace([record])).toStrictEqual([{ written: true, kept: { ...record, revision: 1 } }]);
        expect(await findOne('user-1')).toStrictEqual({ ...record, revision: 1 });
      });

      test('every field is kept, and those that are absent stay absent', async () => {
        const bare = recordOf('user-1');
        const full: WelcomeRecord = {
          ...recordOf('user-2', { state: 'uncertain', importId: 'import-b', attempts: 3, uncertainSends: 2, at: 1_800_000_000_123 }),
          token: 'token',
          leaseUntil: 1_800_000_000_456,
          retryAt: 0,
          cause: 'The server said 451 — “später” 李雷 🎉',
        };
        await welcomes.replace([bare, full]);
        const found = await welcomes.find(['user-1', 'user-2']);
        expect(found).toStrictEqual([
          { ...bare, revision: 1 },
          { ...full, revision: 1 },
        ]);
        expect(Object.keys(present(found[0])).sort()).toStrictEqual(Object.keys(bare).sort());
      });

      test('a record replaces the one whose revision it has, wholly', async () => {
        await welcomes.replace([claimOf('user-1', 'token-1', { cause: 'slow', retryAt: 5 })]);
        const sent = recordOf('user-1', { revision: 1, state: 'sent', at: 9 });
        expect(await welcomes.replace([sent])).toStrictEqual([{ written: true, kept: { ...sent, revision: 2 } }]);
        const found = present(await findOne('user-1'));
        expect(found).toStrictEqual({ ...sent, revision: 2 });
        expect(Object.keys(found)).not.toContain('token');
      });

      test.each(['waiting', 'claimed', 'sent', 'uncertain', 'refused', 'failed'] as const)('the state %s is kept', async (state) => {
        await welcomes.replace([recordOf('user-1', { state })]);
        expect((await findOne('user-1'))?.state).toBe(state);
      });

      test('a record of another revision is not written; the answer is the one that is kept', async () => {
        const first = claimOf('user-1', 'token-1');
        await welcomes.replace([first]);
        await welcomes.replace([{ ...first, revision: 1, state: 'waiting', at: 2 }]);
        const kept = await findOne('user-1');
        for (const revision of [0, 1, 3, 99]) {
          expect(await welcomes.replace([claimOf('user-1', 'token-2', { revision })])).toStrictEqual([{ written: false, kept }]);
        }
        expect(await findOne('user-1')).toStrictEqual(kept);
      });

      test('a record with a revision where there is none is not written', async () => {
        const [answer] = await welcomes.replace([claimOf('user-1', 'token-1', { revision: 5 })]);
        expect(answer).toStrictEqual({ written: false });
        expect(await findOne('user-1')).toBeUndefined();
      });

      test('each record of a call is judged by itself, and answered in order', async () => {
        await welcomes.replace([claimOf('user-2', 'before')]);
        const answers = await welcomes.replace(upTo(3).map((n) => claimOf(`user-${n}`, 'after')));
        expect(answers.map(({ written, kept }) => [written, kept?.userId, kept?.token])).toStrictEqual([
          [true, 'user-1', 'after'],
          [false, 'user-2', 'before'],
          [true, 'user-3', 'after'],
        ]);
      });

      test('of two records of one user in one call one is written', async () => {
        const answers = await welcomes.replace([claimOf('user-1', 'token-1'), claimOf('user-1', 'token-2')]);
        const kept = await findOne('user-1');
        expect(kept?.revision).toBe(1);
        expect(answers.map((answer) => answer.kept)).toStrictEqual([kept, kept]);
        expect(answers.map(({ written }) => written)).toStrictEqual(['token-1', 'token-2'].map((token) => token === kept?.token));
      });

      test('nothing is answered with nothing', async () => {
        expect(await welcomes.replace([])).toStrictEqual([]);
        expect(await world.peek()).toBe(0);
      });

      test('1,000 records are written and found in one call', async () => {
        const records = upTo(1_000).map((n) => claimOf(`user-${n}`, 'token'));
        expect(await welcomes.replace(records)).toStrictEqual(
          records.map((record) => ({ written: true, kept: { ...record, revision: 1 } })),
        );
        expect(await world.peek()).toBe(1_000);
        expect(await welcomes.find(records.map(({ userId }) => userId))).toHaveLength(1_000);
      });

      test('what is done to an answer afterwards changes nothing', async () => {
        const [answer] = await welcomes.replace([claimOf('user-1', 'token-1')]);
        (answer?.kept as { state: WelcomeState }).state = 'sent';
        (present(await findOne('user-1')) as { state: WelcomeState }).state = 'sent';
        expect((await findOne('user-1'))?.state).toBe('claimed');
      });
    });

    describe('at once', () => {
      const expectOneWinner = async (claims: readonly Promise<readonly Replaced[]>[], before: number) => {
        const answers = (await Promise.all(claims)).map((answer) => present(answer[0]));
        const kept = present(await findOne('user-1'));
        expect(answers.map(({ written }) => written)).toStrictEqual(answers.map((_, index) => kept.token === `token-${index + 1}`));
        expect(answers.map((answer) => answer.kept)).toStrictEqual(answers.map(() => kept));
        expect(kept.revision).toBe(before + 1);
      };

      test('of many first claims exactly one is written, and all learn which', async () => {
        await expectOneWinner(
          upTo(20).map((n) => welcomes.replace([claimOf('user-1', `token-${n}`)])),
          0,
        );
      });

      test('of many claims of one revision exactly one is written, and all learn which', async () => {
        await welcomes.replace([recordOf('user-1')]);
        await expectOneWinner(
          upTo(20).map((n) => welcomes.replace([claimOf('user-1', `token-${n}`, { revision: 1 })])),
          1,
        );
      });

      test('of many claims of many users each user is claimed once', async () => {
        const answers = await Promise.all(
          upTo(8).map((n) => welcomes.replace(upTo(50).map((user) => claimOf(`user-${user}`, `token-${n}`)))),
        );
        const winners = answers.flatMap((answer) => answer.filter(({ written }) => written));
        expect(winners.map(({ kept }) => kept?.userId).sort()).toStrictEqual(
          upTo(50)
            .map((user) => `user-${user}`)
            .sort(),
        );
      });

      testNeeding('peer', 'of the claims of several connections exactly one is written', async () => {
        const peer = await present(world.peer).call(world);
        await expectOneWinner(
          upTo(20).map((n) => (n % 2 === 0 ? welcomes : peer).replace([claimOf('user-1', `token-${n}`)])),
          0,
        );
        expect(await peer.find(['user-1'])).toStrictEqual(await welcomes.find(['user-1']));
      });
    });

    test('records are found in the order of the users, undefined where there is none', async () => {
      await welcomes.replace(upTo(3).map((n) => recordOf(`user-${n}`)));
      const found = await welcomes.find(['user-3', 'nobody', 'user-1', 'user-3']);
      expect(found.map((record) => record?.userId)).toStrictEqual(['user-3', undefined, 'user-1', 'user-3']);
      expect(await welcomes.find([])).toStrictEqual([]);
    });

    describe('totals', () => {
      const none = { waiting: 0, claimed: 0, sent: 0, uncertain: 0, refused: 0, failed: 0, everUncertain: 0 };

      test('an empty ledger and an unknown import have none', async () => {
        expect(await welcomes.totals()).toStrictEqual(none);
        await welcomes.replace([recordOf('user-1')]);
        expect(await welcomes.totals('no such import')).toStrictEqual(none);
      });

      test('they count the records of one import, or all, by state', async () => {
        const states: WelcomeState[] = [
          'waiting',
          'claimed',
          'claimed',
          'sent',
          'sent',
          'sent',
          'uncertain',
          'refused',
          'failed',
          'failed',
        ];
        await welcomes.replace(states.map((state, n) => recordOf(`user-a${n}`, { state, importId: 'import-a' })));
        await welcomes.replace(
          ['sent' as const, 'failed' as const].map((state, n) => recordOf(`user-b${n}`, { state, importId: 'import-b' })),
        );
        const a = { ...none, waiting: 1, claimed: 2, sent: 3, uncertain: 1, refused: 1, failed: 2 };
        expect(await welcomes.totals('import-a')).toStrictEqual(a);
        expect(await welcomes.totals('import-b')).toStrictEqual({ ...none, sent: 1, failed: 1 });
        expect(await welcomes.totals()).toStrictEqual({ ...a, sent: 4, failed: 3 });
      });

      test('everUncertain counts welcomes with an uncertain send, once each, whatever they are now', async () => {
        await welcomes.replace([
          recordOf('user-1', { state: 'sent', uncertainSends: 1 }),
          recordOf('user-2', { state: 'uncertain', uncertainSends: 2 }),
          recordOf('user-3', { state: 'waiting', uncertainSends: 1, importId: 'import-b' }),
          recordOf('user-4', { state: 'sent', attempts: 4 }),
        ]);
        expect((await welcomes.totals('import-a')).everUncertain).toBe(2);
        expect((await welcomes.totals('import-b')).everUncertain).toBe(1);
        expect((await welcomes.totals()).everUncertain).toBe(3);
      });

      test('they follow the records, also when an import is written anew', async () => {
        await welcomes.replace([claimOf('user-1', 'token'), claimOf('user-2', 'token')]);
        await welcomes.replace([recordOf('user-1', { revision: 1, state: 'sent' }), recordOf('user-2', { revision: 7, state: 'sent' })]);
        expect(await welcomes.totals()).toStrictEqual({ ...none, claimed: 1, sent: 1 });
        expect(await welcomes.totals('import-a')).toStrictEqual({ ...none, claimed: 1, sent: 1 });
      });
    });

    describe('the channel', () => {
      test('there is none at first, and asking keeps none', async () => {
        expect(await welcomes.channel()).toBeUndefined();
        await welcomes.keepChannel('smtp');
        expect(await welcomes.channel()).toBe('smtp');
      });

      test('the first one is kept', async () => {
        expect(await welcomes.keepChannel('maildir')).toBe('maildir');
        expect(await welcomes.keepChannel('smtp')).toBe('maildir');
        expect(await welcomes.keepChannel('maildir')).toBe('maildir');
      });

      test('of several at once one is kept, and all learn which', async () => {
        const answers = await Promise.all(['smtp', 'maildir', 'ses'].map((kind) => welcomes.keepChannel(kind)));
        expect(new Set(answers).size).toBe(1);
        expect(await welcomes.keepChannel('other')).toBe(answers[0]);
      });

      testNeeding('peer', 'another connection learns which is kept', async () => {
        const peer = await present(world.peer).call(world);
        await welcomes.keepChannel('maildir');
        expect(await peer.keepChannel('smtp')).toBe('maildir');
      });
    });
  });
}

function recordOf(userId: string, parts: Partial<WelcomeRecord> = {}): WelcomeRecord {
  return { userId, importId: 'import-a', revision: 0, state: 'waiting', attempts: 0, uncertainSends: 0, at: 1_000, ...parts };
}

function claimOf(userId: string, token: string, parts: Partial<WelcomeRecord> = {}): WelcomeRecord {
  return recordOf(userId, { state: 'claimed', token, leaseUntil: 61_000, ...parts });
}
