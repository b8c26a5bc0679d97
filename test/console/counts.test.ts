import { describe, expect, test } from '@jest/globals';
import { levelsOf, rateOf, rowsLeft, stages, totalRows, welcomesLeft, withLook, type Look } from '../../src/entrypoints/console/counts.ts';
import { correctedCsv } from '../../src/entrypoints/console/csv.ts';
import type { ImportView } from '../../src/entrypoints/http/schemas.ts';

const begun: ImportView = {
  ...{ import: '0'.repeat(32), state: 'reading', file: 'people.csv', size: 10_000, createdAt: '2026-03-01T00:00:00.000Z' },
  ...{ rows: 100, inserted: 80, updated: 5, duplicates: 10, rejected: 5, welcomed: 20, uncertain: 1, failed: 3, waiting: 57 },
  ...{ seconds: 1, welcome: true, read: { rows: 150, bytes: 5_000 }, deadLetters: 0, onExisting: 'skip', keep: [] },
};

describe('the picture of the flow', () => {
  test('has what came to each stage or waits before it', () => {
    const levels = levelsOf(begun);
    expect(stages.map((stage) => levels[stage])).toStrictEqual([5_000, 150, 50, 100, 85, 80, 57, 23, 20]);
    expect(levelsOf({ ...begun, welcome: false, waiting: 0, welcomed: 0 })).toMatchObject({ announce: 0, 'send-email': 0, mail: 0 });
  });

  test('tells how many rows there are from the part that is read, and knows it at the end', () => {
    expect(totalRows(begun)).toBe(300);
    expect(totalRows({ ...begun, read: { rows: 0, bytes: 0 } })).toBe(undefined);
    expect(totalRows({ ...begun, state: 'storing', read: { rows: 150, bytes: 10_000 } })).toBe(150);
    expect(totalRows({ ...begun, state: 'completed', rows: 151, read: { rows: 150, bytes: 10_000 } })).toBe(151);
  });

  test('has the rates of the last five seconds, and the time left by them', () => {
    const look = (at: number, rows: number): Look => ({ at, view: { ...begun, rows } });
    const looks = [look(0, 0), look(1_000, 10), look(4_000, 40), look(7_000, 100)].reduce<readonly Look[]>(withLook, []);
    expect(looks.map(({ at }) => at)).toStrictEqual([1_000, 4_000, 7_000]);
    expect(rateOf(looks, 'insert-records')).toBe(15);
    expect(rowsLeft(looks)).toBe(200 / 15);
    expect(welcomesLeft(looks)).toBe(undefined);
    expect(rowsLeft([look(0, 100)])).toBe(undefined);
  });

  test('tells the time until all are welcomed once all rows have their outcome', () => {
    const sent = (at: number, waiting: number): Look => ({ at, view: { ...begun, state: 'completed', waiting } });
    expect(welcomesLeft([sent(0, 60), sent(2_000, 40)])).toBe(4);
    expect(rowsLeft([sent(0, 60), sent(2_000, 40)])).toBe(undefined);
    expect(welcomesLeft([sent(0, 60), sent(2_000, 0)])).toBe(undefined);
  });
});

test('corrected rows are a file of rejects, whose cells are quoted and harmless', () => {
  const row = { row: 7, cells: ['=1+1', 'a "b", c', 'beyond'], column: 'name', code: 'missing-name', reason: 'none' };
  expect(correctedCsv(['name', 'email'], [row, { row: 9, cells: ["'=x"] }])).toBe(
    'name,email,column 3,row,column,code,reason\r\n\'=1+1,"a ""b"", c",beyond,7,name,missing-name,none\r\n\'\'=x,,,9,,,\r\n',
  );
});
