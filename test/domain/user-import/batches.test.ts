import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Batcher } from '../../../src/domain/user-import/batches.ts';
import { newImport } from '../../../src/domain/user-import/import.ts';
import type { JudgedRow } from '../../../src/domain/user-import/rows.ts';
import type { ReadingPlan } from '../../../src/ports/import-ledger.ts';
import type { RecordBatch } from '../../../src/ports/vocabulary.ts';
import { noOptions } from '../plain.ts';

const upload = { identity: 'sha256:1', location: 'here', name: 'people.csv', size: 1 };
const head = newImport('import-a', upload, { ...noOptions, onExisting: 'update' }, true, undefined, 5_000);
const planOf = (batchRows: number, batchBytes: number): ReadingPlan => ({
  rules: 1,
  dialect: { encoding: 'utf-8', bom: 0, delimiter: ',' },
  columns: { email: 0, name: [], keep: [] },
  batchRows,
  batchBytes,
});

const record = (row: number, bytes = 10): JudgedRow => ({
  record: { row, key: `${row}@example.com`, address: `${row}@example.com`, name: 'x' },
  bytes,
});
const rejection = (row: number, bytes = 10): JudgedRow => ({
  rejection: { row, line: row, column: '', code: 'nul-byte', reason: 'Why.', cells: [], cut: false },
  bytes,
});

function batched(plan: ReadingPlan, rows: readonly JudgedRow[], firstRow = 1): readonly RecordBatch[] {
  const batcher = new Batcher(head, plan, firstRow);
  return [...rows.map((row) => batcher.add(row)), batcher.close()].filter((batch) => batch !== undefined);
}

const ranges = (batches: readonly RecordBatch[]) => batches.map(({ firstRow, rows }) => [firstRow, rows]);

describe('Batcher', () => {
  test('a batch says whose it is, where it begins, and what is in it', () => {
    const [first, second] = [record(4), rejection(5)];
    expect(batched(planOf(10, 10_000), [first, second], 4)).toStrictEqual([
      {
        importId: 'import-a',
        importedAt: 5_000,
        firstRow: 4,
        rows: 2,
        onExisting: 'update',
        welcome: true,
        records: [first.record],
        rejections: [second.rejection],
      },
    ]);
  });

  test('no rows are no batch', () => {
    expect(batched(planOf(10, 10_000), [])).toStrictEqual([]);
  });

  test('after the last batch there is nothing left', () => {
    const batcher = new Batcher(head, planOf(10, 10_000), 1);
    batcher.add(record(1));
    expect(batcher.close()?.rows).toBe(1);
    expect(batcher.close()).toBeUndefined();
  });

  test('it ends at a number of rows, rejected ones included', () => {
    const rows = [record(1), rejection(2), record(3), record(4), rejection(5), rejection(6), record(7)];
    const batches = batched(planOf(3, 10_000), rows);
    expect(ranges(batches)).toStrictEqual([
      [1, 3],
      [4, 3],
      [7, 1],
    ]);
    expect(batches.map(({ records }) => records.map(({ row }) => row))).toStrictEqual([[1, 3], [4], [7]]);
    expect(batches.map(({ rejections }) => rejections.map(({ row }) => row))).toStrictEqual([[2], [5, 6], []]);
  });

  test('a batch of nothing but rejected rows is one too', () => {
    expect(ranges(batched(planOf(2, 10_000), [rejection(1), rejection(2), rejection(3)]))).toStrictEqual([
      [1, 2],
      [3, 1],
    ]);
  });

  test('it ends before it is larger than its bytes, its envelope of 512 included', () => {
    const rows = [record(1, 50), record(2, 50), record(3, 50), record(4, 50)];
    expect(ranges(batched(planOf(10, 512 + 100), rows))).toStrictEqual([
      [1, 2],
      [3, 2],
    ]);
    expect(ranges(batched(planOf(10, 512 + 99), rows))).toStrictEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
  });

  test('a row that is larger than that stands alone', () => {
    expect(ranges(batched(planOf(10, 600), [record(1), record(2, 1_000), record(3)]))).toStrictEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });

  test('begun again after any batch, it makes the same ones', () => {
    const rowsOf = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 300 }), good: fc.boolean() }), { maxLength: 30 });
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 513, max: 1_500 }), (shapes, batchRows, batchBytes) => {
        const plan = planOf(batchRows, batchBytes);
        const rows = shapes.map(({ bytes, good }, index) => (good ? record(index + 1, bytes) : rejection(index + 1, bytes)));
        const whole = batched(plan, rows);
        const text = (batches: readonly RecordBatch[]) => JSON.stringify(batches);
        const same = whole.every(
          ({ firstRow }, index) => text(batched(plan, rows.slice(firstRow - 1), firstRow)) === text(whole.slice(index)),
        );
        const counted = whole.reduce((sum, batch) => sum + batch.records.length + batch.rejections.length, 0);
        return same && counted === rows.length;
      }),
    );
  });
});
