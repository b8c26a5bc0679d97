import { beforeEach, describe, expect, test } from '@jest/globals';
import { isDue, sweep } from '../../../src/domain/onboarding/sweep.ts';
import { userIdOf } from '../../../src/domain/onboarding/user-id.ts';
import { newImport } from '../../../src/domain/user-import/import.ts';
import type { WelcomeMessage } from '../../../src/ports/vocabulary.ts';
import type { WelcomeRecord, WelcomeState } from '../../../src/ports/welcome-ledger.ts';
import { batchOf, keyOf, recordsOf } from '../../contracts/batches.ts';
import { present, upTo } from '../../contracts/world.ts';
import { faulty } from '../faulty.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

const upload = { identity: 'i', location: 'l', name: 'n', size: 1 };

/** An import that inserted so many users, who are announced already and whose message is lost. */
async function imported(count: number, importId = 'import-a', welcome = true): Promise<void> {
  await world.imports.create(newImport(importId, upload, noOptions, welcome, undefined, world.now()));
  await world.users.store([batchOf(recordsOf(count, 1, importId), { importId, welcome })]);
  await world.imports.record([{ importId, firstRow: 1, outcomes: upTo(count).map(() => 'inserted'), rejections: [] }]);
  if (welcome && count > 0) await world.feed.advance(await world.feed.receive(10_000, 0));
}

const recordOf = (n: number, state: WelcomeState, parts: Partial<WelcomeRecord> = {}): WelcomeRecord => ({
  userId: userIdOf(world.ids, keyOf(n, 'import-a')),
  importId: 'import-a',
  revision: 0,
  state,
  attempts: 0,
  uncertainSends: 0,
  at: world.now(),
  ...parts,
});

const announced = () =>
  world.welcomes.texts().flatMap((text) => (JSON.parse(text) as WelcomeMessage).recipients.map(({ address }) => address));

describe('sweep', () => {
  test('whoever has no record is announced again', async () => {
    await imported(3);
    expect(await sweep(world)).toBe(3);
    expect(announced()).toStrictEqual(upTo(3).map((n) => keyOf(n, 'import-a')));
  });

  test('an import whose results are all there is completed, where no part of it lies in dead letters', async () => {
    await imported(3);
    const [head] = await world.imports.list(1);
    await world.imports.replace({ ...present(head), state: 'read', batches: 1 });
    await world.imports.markDeadLettered({ importId: 'import-a', part: 'upload', cause: 'It was away.', at: world.now() });
    await sweep(world);
    expect((await world.imports.find('import-a'))?.state).toBe('read');
    await world.imports.clearFailure('import-a', 'upload');
    await world.welcomes.acknowledge((await world.welcomes.receive(10, 0)).map(({ receipt }) => receipt));
    await sweep(world);
    expect(await world.imports.find('import-a')).toMatchObject({ state: 'completed', completedAt: world.now() });
  });

  test('of those with a record, only whose welcome is due', async () => {
    await imported(9);
    await world.ledger.replace([
      recordOf(1, 'sent'),
      recordOf(2, 'refused'),
      recordOf(3, 'failed'),
      recordOf(4, 'uncertain'),
      recordOf(5, 'waiting'),
      recordOf(6, 'waiting', { retryAt: world.now() + 1 }),
      recordOf(7, 'claimed', { leaseUntil: world.now() }),
      recordOf(8, 'claimed', { leaseUntil: world.now() + 1 }),
    ]);
    expect(await sweep(world)).toBe(3);
    expect(announced()).toStrictEqual([5, 7, 9].map((n) => keyOf(n, 'import-a')));
  });

  test.each<WelcomeState>(['sent', 'uncertain', 'refused', 'failed'])('where all are %s it does not look at the users', async (state) => {
    await imported(2);
    await world.ledger.replace([recordOf(1, state), recordOf(2, state)]);
    const looked: unknown[] = [];
    const users = faulty(world.users, { before: { list: (call) => looked.push(call) } });
    expect(await sweep({ ...portsOf(world), users })).toBe(0);
    expect(looked).toStrictEqual([]);
  });

  test('while anything is on its way it keeps still', async () => {
    await imported(2);
    await world.welcomes.send([{ body: { recipients: [] } }]);
    expect(await sweep(world)).toBe(0);
    const [ready] = await world.welcomes.receive(1, 0);
    expect(await sweep(world)).toBe(0);
    await world.welcomes.release([ready?.receipt ?? ''], 5_000);
    expect(await sweep(world)).toBe(0);
    await world.advance(5_000);
    const [again] = await world.welcomes.receive(1, 0);
    await world.welcomes.acknowledge([again?.receipt ?? '']);
    expect(await sweep(world)).toBe(2);
  });

  test('what is ready, in flight and delayed adds up', async () => {
    await imported(2);
    await world.welcomes.send([{ body: { recipients: [] } }, { body: { recipients: [] } }]);
    const [ready] = await world.welcomes.receive(1, 0);
    expect(await world.welcomes.depth()).toMatchObject({ ready: 1, inFlight: 1, delayed: 0 });
    expect(await sweep(world)).toBe(0);
    const [other] = await world.welcomes.receive(1, 0);
    await world.welcomes.release([other?.receipt ?? ''], 5_000);
    expect(await world.welcomes.depth()).toMatchObject({ ready: 0, inFlight: 1, delayed: 1 });
    expect(await sweep(world)).toBe(0);
    expect(ready).toBeDefined();
  });

  test('while somebody is still to be announced it keeps still', async () => {
    await imported(1);
    await world.users.store([batchOf(recordsOf(1, 1, 'new'))]);
    expect(await sweep(world)).toBe(0);
  });

  test('who wants no welcome is not looked for', async () => {
    await imported(2, 'import-b', false);
    const users = faulty(world.users, { before: { list: () => Promise.reject(new Error('It looked.')) } });
    expect(await sweep({ ...portsOf(world), users })).toBe(0);
    await imported(1);
    const found: number[] = [];
    const ledger = faulty(world.ledger, { before: { find: (_, ids) => found.push(ids.length) } });
    expect(await sweep({ ...portsOf(world), ledger })).toBe(1);
    expect(announced()).toStrictEqual([keyOf(1, 'import-a')]);
    expect(Math.max(...found)).toBe(1);
  });

  test('several imports count together', async () => {
    await imported(2);
    await imported(1, 'import-b');
    await world.ledger.replace([recordOf(1, 'sent'), recordOf(2, 'sent')]);
    expect(await sweep(world)).toBe(1);
    expect(announced()).toStrictEqual([keyOf(1, 'import-b')]);
  });

  test.each([1_001])('all of %d users are looked at', async (count) => {
    await imported(count);
    expect(await sweep(world)).toBe(count);
    expect(new Set(announced()).size).toBe(count);
  });

  test('all of the imports are looked at', async () => {
    for (const n of upTo(1_003)) {
      await world.advance(1);
      await world.imports.create(newImport(`old-${n}`, upload, noOptions, true, undefined, world.now()));
    }
    await world.users.store([batchOf(recordsOf(1, 1, 'old'), { importId: 'old-1' })]);
    await world.imports.record([{ importId: 'old-1', firstRow: 1, outcomes: ['inserted'], rejections: [] }]);
    await world.feed.advance(await world.feed.receive(10, 0));
    const pages: number[] = [];
    const imports = faulty(world.imports, { before: { list: (_, limit) => pages.push(limit) } });
    expect(await sweep({ ...portsOf(world), imports })).toBe(1);
    expect(pages).toStrictEqual([1_000, 1_000, 1_000]);
  });
});

test.each<[string, Partial<WelcomeRecord> | undefined, boolean]>([
  ['no record', undefined, true],
  ['waiting', { state: 'waiting' }, true],
  ['waiting until now', { state: 'waiting', retryAt: 50 }, true],
  ['waiting for longer', { state: 'waiting', retryAt: 51 }, false],
  ['claimed without an end', { state: 'claimed' }, true],
  ['claimed until now', { state: 'claimed', leaseUntil: 50 }, true],
  ['claimed for longer', { state: 'claimed', leaseUntil: 51 }, false],
  ['sent', { state: 'sent' }, false],
  ['uncertain', { state: 'uncertain' }, false],
  ['refused', { state: 'refused' }, false],
  ['failed', { state: 'failed' }, false],
])('isDue: %s', (_, parts, due) => {
  expect(isDue(parts && { ...recordOf(1, 'sent'), ...parts }, 50)).toBe(due);
});

function portsOf({ users, feed, imports, ledger, welcomes, welcomeSource, ids, clock }: MemoryWorld): Parameters<typeof sweep>[0] {
  return { users, feed, imports, ledger, welcomes, welcomeSource, ids, clock };
}
