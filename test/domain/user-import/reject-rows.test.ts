import { beforeEach, describe, expect, test } from '@jest/globals';
import { newImport } from '../../../src/domain/user-import/import.ts';
import { rejectRows } from '../../../src/domain/user-import/reject-rows.ts';
import type { ColumnPlan, ReadingPlan } from '../../../src/ports/import-ledger.ts';
import type { Rejection } from '../../../src/ports/vocabulary.ts';
import { upTo } from '../../contracts/world.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

const added = ['row', 'column', 'code', 'reason'];
const upload = { identity: 'i', location: 'l', name: 'people.csv', size: 1 };
const headed: ColumnPlan = { header: ['name', 'email'], email: 1, name: [0], keep: [] };

let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

const rejection = (row: number, cells: readonly string[], parts: Partial<Rejection> = {}): Rejection => ({
  ...{ row, line: row + 1, column: 'email', code: 'invalid-address', reason: 'No.', cells, cut: false },
  ...parts,
});

async function tableOf(columns: ColumnPlan | undefined, rejections: readonly Rejection[]): Promise<readonly (readonly string[])[]> {
  const plan: ReadingPlan | undefined = columns && {
    ...{ rules: 1, dialect: { encoding: 'utf-8', bom: 0, delimiter: ',' }, columns, batchRows: 1_000, batchBytes: 100_000 },
  };
  await world.imports.create(newImport('import-a', upload, noOptions, true, plan, 1));
  const outcomes = rejections.map(() => 'rejected' as const);
  if (rejections.length > 0) await world.imports.record([{ importId: 'import-a', firstRow: 1, outcomes, rejections }]);
  const head = (await world.imports.find('import-a'))!;
  const table: (readonly string[])[] = [];
  for await (const row of rejectRows(world.imports, head)) table.push(row);
  return table;
}

describe('the table of rejected rows', () => {
  test('has the original columns, and what is wrong with each row', async () => {
    expect(await tableOf(headed, [rejection(1, ['Ada', 'ada']), rejection(2, ['', 'b'], { reason: 'Why.' })])).toStrictEqual([
      ['name', 'email', ...added],
      ['Ada', 'ada', '1', 'email', 'invalid-address', 'No.'],
      ['', 'b', '2', 'email', 'invalid-address', 'Why.'],
    ]);
  });

  test('is a header alone where nothing was rejected', async () => {
    expect(await tableOf(headed, [])).toStrictEqual([['name', 'email', ...added]]);
  });

  test('holds nothing that a spreadsheet would run', async () => {
    const columns = { ...headed, header: ['=name', 'email'] };
    expect(await tableOf(columns, [rejection(1, ['+1', '@x'], { column: '=name', reason: '-' })])).toStrictEqual([
      ["'=name", 'email', ...added],
      ["'+1", "'@x", '1', "'=name", 'invalid-address', "'-"],
    ]);
  });

  test('of rejects imported again has their original columns', async () => {
    const columns = { ...headed, header: [...headed.header!, ...added], rejects: true };
    expect((await tableOf(columns, []))[0]).toStrictEqual(['name', 'email', ...added]);
  });

  test.each<[string, ColumnPlan, readonly string[]]>([
    ['the address first', { email: 0, name: [1], keep: [] }, ['email', 'name']],
    ['the name first', { email: 2, name: [0], keep: [] }, ['name', 'column 2', 'email']],
    ['no name', { email: 1, name: [], keep: [] }, ['column 1', 'email']],
    ['columns that are kept', { email: 0, name: [1], keep: [{ index: 3, as: 'column 4' }] }, ['email', 'name', 'column 3', 'column 4']],
  ])('of a file without a header gets one, with %s', async (_, columns, header) => {
    expect((await tableOf(columns, []))[0]).toStrictEqual([...header, ...added]);
  });

  test('of an import without a plan has as many columns as its rows', async () => {
    expect(await tableOf(undefined, [rejection(1, ['a', 'b'])])).toStrictEqual([
      ['column 1', 'column 2', ...added],
      ['a', 'b', '1', 'email', 'invalid-address', 'No.'],
    ]);
  });

  test('is as wide as its widest whole row, and shorter ones are filled up', async () => {
    const rows = [rejection(1, ['a']), rejection(2, ['a', 'b', 'c']), rejection(3, ['a', 'b', 'c', 'd'], { cut: true })];
    const table = await tableOf(headed, rows);
    expect(table.map((row) => row.slice(0, -4))).toStrictEqual([
      ['name', 'email', 'column 3'],
      ['a', '', ''],
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });

  test('has a thousand columns at most', async () => {
    const table = await tableOf(headed, [rejection(1, Array<string>(2_000).fill('x'))]);
    expect(table.map((row) => row.length)).toStrictEqual([1_000, 1_000]);
  });

  test('has all of many rows, in their order', async () => {
    const table = await tableOf(
      headed,
      upTo(250).map((row) => rejection(row, ['Ada', 'ada'])),
    );
    expect(table.slice(1).map((row) => Number(row[2]))).toStrictEqual(upTo(250));
  });
});
