import { describe, expect, test } from '@jest/globals';
import { insertRecords, resultOf } from '../../../src/domain/user-import/insert-records.ts';
import { newImport } from '../../../src/domain/user-import/import.ts';
import type { OnExisting, Rejection } from '../../../src/ports/vocabulary.ts';
import { batchOf, recordOf } from '../../contracts/batches.ts';
import { faulty } from '../faulty.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

const rejection = (row: number): Rejection => ({ row, line: row, column: '', code: 'nul-byte', reason: 'Why.', cells: ['x'], cut: false });
const upload = { identity: 'i', location: 'l', name: 'n', size: 1 };

describe('resultOf', () => {
  const batch = batchOf([recordOf(5, 'a@example.com'), recordOf(7, 'b@example.com')], {
    firstRow: 4,
    rows: 5,
    rejections: [rejection(4), rejection(6), rejection(8)],
  });

  test.each<[OnExisting, readonly string[]]>([
    ['skip', ['rejected', 'inserted', 'rejected', 'duplicate', 'rejected']],
    ['update', ['rejected', 'inserted', 'rejected', 'updated', 'rejected']],
  ])('every row has its outcome (%s)', (onExisting, outcomes) => {
    expect(resultOf({ ...batch, onExisting }, ['this', 'another'])).toStrictEqual({
      importId: 'import-a',
      firstRow: 4,
      outcomes,
      rejections: batch.rejections,
    });
  });

  test('a batch of rejected rows alone has one too', () => {
    expect(resultOf(batchOf([], { firstRow: 1, rows: 2, rejections: [rejection(1), rejection(2)] }), []).outcomes).toStrictEqual([
      'rejected',
      'rejected',
    ]);
  });

  test('an answer that is too short is a defect', () => {
    expect(() => resultOf(batch, ['this'])).toThrow(new TypeError('The directory answered fewer records than it was given.'));
  });
});

describe('insertRecords', () => {
  const first = batchOf([recordOf(1, 'a@example.com'), recordOf(2, 'b@example.com')]);
  const second = batchOf([recordOf(3, 'a@example.com')], { rows: 2, rejections: [rejection(4)] });
  const other = batchOf([recordOf(1, 'b@example.com')], { importId: 'import-b' });

  async function worldOf(states: Readonly<Record<string, number | undefined>>): Promise<MemoryWorld> {
    const world = new MemoryWorld();
    for (const [id, batches] of Object.entries(states)) {
      const head = newImport(id, upload, noOptions, true, undefined, 1_000);
      await world.imports.create(batches === undefined ? head : { ...head, state: 'read', batches });
    }
    return world;
  }

  test('users are made, rows have their outcomes, and whatever is complete is completed', async () => {
    const world = await worldOf({ 'import-a': 2, 'import-b': 1 });
    await insertRecords(world, [first, second, other]);
    expect(await world.users.count()).toBe(2);
    expect(await world.imports.progress('import-a')).toMatchObject({ batches: 2, inserted: 2, duplicates: 1, rejected: 1 });
    expect(await world.imports.progress('import-b')).toMatchObject({ batches: 1, duplicates: 1 });
    expect((await world.imports.find('import-a'))?.state).toBe('completed');
    expect((await world.imports.find('import-b'))?.state).toBe('completed');
  });

  test('an import with batches to come is not completed', async () => {
    const world = await worldOf({ 'import-a': 3 });
    await insertRecords(world, [first, second]);
    expect((await world.imports.find('import-a'))?.state).toBe('read');
  });

  test('nothing changes if it is done again', async () => {
    const world = await worldOf({ 'import-a': 2, 'import-b': 1 });
    await insertRecords(world, [first, second, other]);
    const before = await world.imports.progress('import-a');
    await insertRecords(world, [second, first]);
    await insertRecords(world, [other]);
    expect(await world.imports.progress('import-a')).toStrictEqual(before);
    expect(await world.users.count()).toBe(2);
  });

  test('a crash between users and results is healed by doing it again', async () => {
    const world = await worldOf({ 'import-a': 1 });
    const imports = faulty(world.imports, {
      before: {
        record: (call) => {
          if (call === 1) throw new Error('The process died.');
        },
      },
    });
    await expect(insertRecords({ ...ports(world), imports }, [first])).rejects.toThrow('died');
    expect(await world.users.count()).toBe(2);
    expect(await world.imports.progress('import-a')).toMatchObject({ batches: 0, inserted: 0 });
    await insertRecords({ ...ports(world), imports }, [first]);
    expect(await world.imports.progress('import-a')).toMatchObject({ batches: 1, inserted: 2 });
  });
});

function ports({ users, imports, clock }: MemoryWorld): Parameters<typeof insertRecords>[0] {
  return { users, imports, clock };
}
