import { describe, expect, test } from '@jest/globals';
import { rejectsColumns } from '../../../src/domain/user-import/columns.ts';
import { encodedSizeOfAll } from '../../../src/domain/user-import/encoded-size.ts';
import { rejectionReason, type RejectionCode } from '../../../src/domain/user-import/rejections.ts';
import { judgeRow, maxRecordBytes } from '../../../src/domain/user-import/rows.ts';
import type { ColumnPlan } from '../../../src/ports/import-ledger.ts';
import type { Row } from '../../../src/ports/row-reader.ts';
import { plainSyntax } from '../plain.ts';

const header = ['name', 'email', 'city'];
const plan: ColumnPlan = { header, email: 1, name: [0], keep: [] };
const keeping: ColumnPlan = { ...plan, keep: [{ index: 2, as: 'city' }] };
const rowOf = (cells: readonly string[], parts: Partial<Row> = {}): Row => ({ ordinal: 7, line: 9, cells, ...parts });
const judged = (cells: readonly string[], of = plan, parts: Partial<Row> = {}) => judgeRow(of, rowOf(cells, parts), plainSyntax);

describe('a row that is right is a record', () => {
  test.each([
    ['as it stands', ['Ada', 'ada@example.com'], plan, { key: 'ada@example.com', address: 'ada@example.com', name: 'Ada' }],
    ['with spaces around', [' Ada ', ' ada@example.com '], plan, { key: 'ada@example.com', address: 'ada@example.com', name: 'Ada' }],
    ['with capitals', ['Ada', 'Ada@Example.com'], plan, { key: 'ada@example.com', address: 'Ada@Example.com', name: 'Ada' }],
    ['in another script', ['Ada', 'Ada@bücher.de'], plan, { key: 'ada@bxn--uecher.de', address: 'Ada@bxn--uecher.de', name: 'Ada' }],
    [
      'with the name in the address cell',
      ['', 'Ada <ada@example.com>'],
      plan,
      { key: 'ada@example.com', address: 'ada@example.com', name: 'Ada' },
    ],
    ['with two names', ['Bea', 'Ada <ada@example.com>'], plan, { key: 'ada@example.com', address: 'ada@example.com', name: 'Bea' }],
    ['without a name column', ['', '<ada@example.com>', ''], { ...plan, name: [2, 0] }, undefined],
    [
      'with a name in parts',
      ['Muster', 'ada@example.com', 'Ada'],
      { ...plan, name: [2, 0] },
      { key: 'ada@example.com', address: 'ada@example.com', name: 'Ada Muster' },
    ],
    [
      'with one part empty',
      ['Muster', 'ada@example.com', ' '],
      { ...plan, name: [2, 0] },
      { key: 'ada@example.com', address: 'ada@example.com', name: 'Muster' },
    ],
    [
      'with a Chinese name in parts',
      ['雷', 'ada@example.com', '李'],
      { ...plan, name: [2, 0] },
      { key: 'ada@example.com', address: 'ada@example.com', name: '李雷' },
    ],
    [
      'with no name column at all',
      ['x', 'Ada <ada@example.com>'],
      { ...plan, name: [] },
      { key: 'ada@example.com', address: 'ada@example.com', name: 'Ada' },
    ],
    [
      'with more cells than columns',
      ['Ada', 'ada@example.com', '', 'more'],
      plan,
      { key: 'ada@example.com', address: 'ada@example.com', name: 'Ada' },
    ],
    [
      'with a column that is kept',
      ['Ada', 'ada@example.com', ' Berlin '],
      keeping,
      { key: 'ada@example.com', address: 'ada@example.com', name: 'Ada', attributes: { city: 'Berlin' } },
    ],
    [
      'with a kept column that is absent',
      ['Ada', 'ada@example.com'],
      keeping,
      { key: 'ada@example.com', address: 'ada@example.com', name: 'Ada', attributes: { city: '' } },
    ],
  ] as const)('%s', (_, cells, of, record) => {
    expect(judged(cells, of).record).toStrictEqual(record && { row: 7, ...record });
  });

  test('its number is the ordinal, or one more where there is no header', () => {
    const { header: _, ...headless } = plan;
    expect(judged(['Ada', 'ada@example.com'], headless).record?.row).toBe(8);
  });
});

describe('a row that is wrong is a rejection', () => {
  const tooLong = 'x'.repeat(257);
  test.each<[RejectionCode, string, string | undefined, readonly string[], ColumnPlan, Partial<Row>]>([
    ['row-too-large', '', undefined, ['Ada'], plan, { flaw: 'row-too-large' }],
    ['unclosed-quote', '', undefined, ['Ada', 'ada@example.com'], plan, { flaw: 'unclosed-quote' }],
    ['stray-quote', '', undefined, ['Ada', 'ada@example.com'], plan, { flaw: 'stray-quote' }],
    ['undecodable-bytes', '', undefined, ['Ada', 'ada@example.com'], plan, { flaw: 'undecodable-bytes' }],
    ['nul-byte', '', undefined, ['Ada', 'ada@example.com'], plan, { flaw: 'nul-byte' }],
    ['missing-address', 'email', undefined, ['Ada', ' '], plan, {}],
    ['missing-address', 'email', undefined, ['Ada'], plan, {}],
    ['missing-address', 'email', undefined, ['Ada', 'Ada <>'], plan, {}],
    ['missing-address', 'column 2', undefined, ['Ada', ''], { email: 1, name: [0], keep: [] }, {}],
    ['invalid-address', 'email', 'it has another form', ['Ada', 'ada'], plan, {}],
    ['invalid-address', 'email', 'it has another form', ['', 'ada'], plan, {}],
    ['missing-name', 'name', undefined, [' ', 'ada@example.com'], plan, {}],
    ['missing-name', 'city', undefined, ['', 'ada@example.com'], { ...plan, name: [2, 0] }, {}],
    ['missing-name', '', undefined, ['Ada', 'ada@example.com'], { ...plan, name: [] }, {}],
    ['name-too-long', 'name', '257', [tooLong, 'ada@example.com'], plan, {}],
    ['name-too-long', 'name', '257', ['', `${tooLong} <ada@example.com>`], plan, {}],
    ['record-too-large', '', undefined, ['Ada', 'ada@example.com', 'x'.repeat(70_000)], keeping, {}],
  ])('%s in the column %j (%j)', (code, column, detail, cells, of, parts) => {
    const { record, rejection } = judged(cells, of, parts);
    expect(record).toBeUndefined();
    const row = of.header ? 7 : 8;
    expect(rejection).toMatchObject({ row, line: 9, column, code, reason: rejectionReason(code, detail) });
    expect(Object.keys(rejection ?? {})).toStrictEqual(['row', 'line', 'column', 'code', 'reason', 'cells', 'cut']);
  });

  test('a name of 256 characters is taken', () => {
    expect(judged(['x'.repeat(256), 'ada@example.com']).record?.name).toHaveLength(256);
  });

  test('its cells are kept as they were read', () => {
    expect(judged([' Ada ', "'=x", '\0']).rejection).toMatchObject({ cells: [' Ada ', "'=x", '\0'], cut: false });
  });

  test('cells that the reader has cut are marked so, those of other flaws are not', () => {
    expect(judged(['Ada'], plan, { flaw: 'row-too-large' }).rejection?.cut).toBe(true);
    expect(judged(['Ada'], plan, { flaw: 'stray-quote' }).rejection?.cut).toBe(false);
  });
});

describe('the size of a row', () => {
  test('a record weighs its key, its name and 32 bytes', () => {
    expect(judged(['Ada', 'ada@example.com']).bytes).toBe(32 + 15 + 5);
  });

  test('an address that is not the key weighs too', () => {
    expect(judged(['Zoë', 'Ada@example.com']).bytes).toBe(32 + 15 + 6 + 15);
  });

  test('attributes weigh as they are encoded', () => {
    expect(judged(['Ada', 'ada@example.com', 'Köln'], keeping).bytes).toBe(32 + 15 + 5 + (2 + 7 + 8));
  });

  test('a rejection weighs its cells, reason, column, code and 32 bytes', () => {
    const reason = rejectionReason('missing-name');
    expect(judged(['', 'ada@example.com']).bytes).toBe(32 + (3 + 18) + (reason.length + 2) + ('name'.length + 2) + 'missing-name'.length);
  });

  test('a record of 64 KiB is taken, and one byte more is not', () => {
    const rest = 32 + 15 + 5 + (2 + 7 + 3);
    const largest = judged(['Ada', 'ada@example.com', 'x'.repeat(maxRecordBytes - rest)], keeping);
    expect([largest.bytes, largest.record !== undefined]).toStrictEqual([65_536, true]);
    expect(judged(['Ada', 'ada@example.com', 'x'.repeat(maxRecordBytes - rest + 1)], keeping).rejection?.code).toBe('record-too-large');
  });
});

describe('the cells of a rejection are kept up to 64 KiB', () => {
  const keptOf = (cells: readonly string[]) => {
    const { rejection } = judged(['', '', ...cells]);
    return { lengths: (rejection?.cells ?? []).map((cell) => cell.length), cut: rejection?.cut };
  };

  test('cells of just 64 KiB are whole', () => {
    expect(keptOf(['x'.repeat(65_536 - 9)])).toStrictEqual({ lengths: [0, 0, 65_527], cut: false });
  });

  test('the first cell that is too much is cut to what is safe, and the rest is gone', () => {
    expect(keptOf(['x'.repeat(65_528), 'rest'])).toStrictEqual({ lengths: [0, 0, Math.floor((65_536 - 6 - 3) / 6)], cut: true });
    expect(keptOf(['x'.repeat(1_000), 'y'.repeat(70_000), 'rest'])).toStrictEqual({
      lengths: [0, 0, 1_000, Math.floor((65_536 - 6 - 1_003 - 3) / 6)],
      cut: true,
    });
  });

  test('a cell that ends just at the limit is whole, and the one behind it is empty', () => {
    expect(keptOf(['x'.repeat(65_536 - 9), 'rest'])).toStrictEqual({ lengths: [0, 0, 65_527, 0], cut: true });
  });

  test('where next to nothing is left, the cut cell is empty', () => {
    expect(keptOf(['x'.repeat(65_536 - 10), 'rest'])).toStrictEqual({ lengths: [0, 0, 65_526, 0], cut: true });
  });

  test.each(['x', '\0', '🎉', '"'])('cut cells of %j are within it', (character) => {
    const cells = judged(['', '', ...Array.from({ length: 40 }, () => character.repeat(3_000))]).rejection?.cells ?? [];
    expect(encodedSizeOfAll(cells)).toBeLessThanOrEqual(65_536);
    expect(encodedSizeOfAll(cells)).toBeGreaterThan(65_536 - 3_000 * 6 - 100);
  });
});

describe('a row of our own rejects', () => {
  const rejects: ColumnPlan = {
    header: [...header, ...rejectsColumns],
    email: 1,
    name: [0],
    keep: [{ index: 2, as: 'city' }],
    rejects: true,
  };

  test('its cells come back as they were before they were made harmless', () => {
    expect(judged(["'=Ada", 'ada@example.com', "'+49", '3', 'email', 'invalid-address', 'Why.'], rejects).record).toStrictEqual({
      row: 7,
      key: 'ada@example.com',
      address: 'ada@example.com',
      name: '=Ada',
      attributes: { city: '+49' },
    });
  });

  test('rejected again, it has its original columns only, restored', () => {
    const { rejection } = judged(["'=Ada", 'ada', "''+49", '3', 'email', 'invalid-address', 'Why.'], rejects);
    expect(rejection?.cells).toStrictEqual(['=Ada', 'ada', "'+49"]);
  });

  test('a row with fewer cells keeps those that it has', () => {
    expect(judged(['Ada'], rejects).rejection?.cells).toStrictEqual(['Ada']);
  });
});
