import { beforeEach, describe, expect, test } from '@jest/globals';
import { newImport } from '../../src/domain/user-import/import.ts';
import { insertRecordsStage, type InsertRecordsStagePorts } from '../../src/entrypoints/stages/insert-records.ts';
import { acknowledged } from '../../src/entrypoints/stages/stage.ts';
import { LedgerUnavailable } from '../../src/ports/import-ledger.ts';
import { QueueUnavailable } from '../../src/ports/message-queue.ts';
import { DirectoryUnavailable } from '../../src/ports/user-directory.ts';
import type { RecordBatch } from '../../src/ports/vocabulary.ts';
import { batchOf, recordsOf } from '../contracts/batches.ts';
import { faulty } from '../domain/faulty.ts';
import { noOptions } from '../domain/plain.ts';
import { MemoryWorld } from '../domain/world.ts';
import { deliveryOf, longest, nobody, raising, unreadable } from './deliveries.ts';

let world: MemoryWorld;
let ports: InsertRecordsStagePorts;
beforeEach(async () => {
  world = new MemoryWorld();
  const { users, imports, recordsCodec, deadLetters, clock, ids } = world;
  ports = { users, imports, recordsCodec, deadLetters, clock, ids, random: longest };
  await imports.create(newImport('import-a', { identity: 'i', location: 'l', name: 'n', size: 1 }, noOptions, true, undefined, 1_000));
});

const batchAt = (firstRow: number) => batchOf(recordsOf(10, firstRow));
const handle = (batches: readonly RecordBatch[], parts: Partial<InsertRecordsStagePorts> = {}) =>
  insertRecordsStage({ ...ports, ...parts }).handle(
    batches.map((batch) => deliveryOf(batch)),
    nobody,
  );
const progress = () => world.imports.progress('import-a');

/** A directory that cannot store the batch of this row. */
const poisoned = (firstRow: number, error: unknown) =>
  faulty(world.users, {
    before: {
      store: (_, batches) => {
        if (batches.some((batch) => batch.firstRow === firstRow)) throw error;
      },
    },
  });

describe('insert-records', () => {
  test('has its name', () => {
    expect(insertRecordsStage(ports).name).toBe('insert-records');
  });

  test('all batches of a call are stored in one, and acknowledged when their results are kept', async () => {
    const calls: number[] = [];
    const users = faulty(world.users, { before: { store: (_, batches) => calls.push(batches.length) } });
    expect(await handle([batchAt(1), batchAt(11)], { users })).toStrictEqual([acknowledged, acknowledged]);
    expect(calls).toStrictEqual([2]);
    expect(await progress()).toMatchObject({ batches: 2, inserted: 20 });
  });

  test.each([
    ['the directory', 'store', new DirectoryUnavailable('away')],
    ['the ledger', 'record', new LedgerUnavailable('away')],
  ] as const)('where %s is away all come again later, and no attempt is counted', async (_, method, error) => {
    const noted: unknown[] = [];
    const parts =
      method === 'store'
        ? { users: faulty(world.users, { before: { store: raising(error) } }) }
        : { imports: faulty(world.imports, { before: { record: raising(error), noteFailure: (call) => noted.push(call) } }) };
    const verdict = { verdict: 'release', delayMs: 250, error, trouble: error };
    expect(await handle([batchAt(1), batchAt(11)], parts)).toStrictEqual([verdict, verdict]);
    expect(noted).toStrictEqual([]);
    expect(await progress()).toMatchObject({ batches: 0 });
  });

  test('results whose answer was lost are kept once', async () => {
    const lost = {
      imports: faulty(world.imports, { after: { record: (call) => (call === 1 ? raising(new LedgerUnavailable('away'))() : undefined) } }),
    };
    await handle([batchAt(1)], lost);
    expect(await handle([batchAt(1)], lost)).toStrictEqual([acknowledged]);
    expect(await progress()).toMatchObject({ batches: 1, inserted: 10 });
  });

  test('one bad batch does not hold up the others, and is tried again', async () => {
    const error = new Error('Row 15 is odd.');
    const verdicts = await handle([batchAt(1), batchAt(11), batchAt(21)], { users: poisoned(11, error) });
    expect(verdicts).toStrictEqual([acknowledged, { verdict: 'release', delayMs: 200, error }, acknowledged]);
    expect(await progress()).toMatchObject({ batches: 2, inserted: 20, deadLetters: 0 });
  });

  test('one bad batch alone is tried once a delivery', async () => {
    const calls: number[] = [];
    const users = faulty(world.users, {
      before: {
        store: (call) => {
          calls.push(call);
          throw new Error('odd');
        },
      },
    });
    await handle([batchAt(1)], { users });
    expect(calls).toStrictEqual([1]);
  });

  test('after five attempts it lies in dead letters with its cause, and the import is incomplete', async () => {
    const users = poisoned(11, new Error('Row 15 is odd.', { cause: new Error('out of range') }));
    const fates: unknown[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      const [verdict] = await handle([batchAt(11)], { users });
      fates.push(verdict?.verdict === 'release' ? verdict.delayMs : verdict?.verdict);
    }
    expect(fates).toStrictEqual([200, 600, 1_800, 5_400, 'acknowledge']);
    expect(await world.deadLetters.list({}, 10)).toMatchObject([
      {
        queue: 'records',
        text: JSON.stringify(batchAt(11)),
        code: 'unexpected-error',
        cause: 'Row 15 is odd. (out of range)',
        importId: 'import-a',
      },
    ]);
    expect((await progress()).deadLetters).toBe(1);
  });

  test('sent back after the mend, it is stored, and nothing is held against it', async () => {
    for (let attempt = 1; attempt <= 5; attempt++) await handle([batchAt(11)], { users: poisoned(11, new Error('odd')) });
    expect(await handle([batchAt(11)])).toStrictEqual([acknowledged]);
    expect(await progress()).toMatchObject({ batches: 1, inserted: 10, deadLetters: 0 });
  });

  test('a dead letter that cannot be put leaves the message on its queue', async () => {
    const users = poisoned(11, new Error('odd'));
    for (let attempt = 1; attempt <= 4; attempt++) await handle([batchAt(11)], { users });
    const error = new QueueUnavailable('away');
    const deadLetters = faulty(world.deadLetters, { before: { put: raising(error) } });
    expect(await handle([batchAt(11)], { users, deadLetters })).toStrictEqual([
      { verdict: 'release', delayMs: 250, error, trouble: error },
    ]);
    expect((await progress()).deadLetters).toBe(0);
  });

  test.each([
    ['beside a good batch', undefined],
    ['beside a bad batch', new Error('odd')],
    ['while the directory is away', new DirectoryUnavailable('away')],
  ])('a text that is no message lies in dead letters: %s', async (_, error) => {
    const users = error ? poisoned(1, error) : world.users;
    const verdicts = await insertRecordsStage({ ...ports, users }).handle([unreadable(), deliveryOf(batchAt(1))], nobody);
    expect(verdicts.map(({ verdict }) => verdict)).toStrictEqual(['acknowledge', error ? 'release' : 'acknowledge']);
    expect(await world.deadLetters.list({}, 10)).toMatchObject([{ queue: 'records', text: 'gibberish', code: 'unreadable-message' }]);
  });

  test('a call of nothing but such texts stores nothing', async () => {
    const users = faulty(world.users, { before: { store: raising(new Error('It was asked.')) } });
    expect(await insertRecordsStage({ ...ports, users }).handle([unreadable()], nobody)).toStrictEqual([acknowledged]);
  });
});
