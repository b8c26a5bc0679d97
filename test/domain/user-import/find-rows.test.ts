import { beforeEach, describe, expect, test } from '@jest/globals';
import { findRows, type RowQuery } from '../../../src/domain/user-import/find-rows.ts';
import type { BatchResult, Outcome } from '../../../src/ports/import-ledger.ts';
import { upTo } from '../../contracts/world.ts';
import { faulty } from '../faulty.ts';
import { MemoryWorld } from '../world.ts';

/** Row 7, 14, … are rejected, row 5, 10, … duplicates, the others inserted. */
const outcomeOf = (row: number): Outcome => (row % 7 === 0 ? 'rejected' : row % 5 === 0 ? 'duplicate' : 'inserted');

let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

async function record(firstRow: number, rows: number): Promise<void> {
  const outcomes = upTo(rows).map((n) => outcomeOf(firstRow + n - 1));
  const rejections = upTo(rows)
    .map((n) => firstRow + n - 1)
    .filter((row) => outcomeOf(row) === 'rejected')
    .map((row) => ({ row, line: row + 1, column: 'email', code: 'invalid-address', reason: 'No.', cells: [String(row)], cut: false }));
  await world.imports.record([{ importId: 'a', firstRow, outcomes, rejections } satisfies BatchResult]);
}

async function all(query: Partial<RowQuery>): Promise<{ readonly rows: readonly number[]; readonly pages: number }> {
  const rows: number[] = [];
  let pages = 0;
  for (let after: number | undefined = 0; after !== undefined; pages++) {
    const found = await findRows(world.imports, 'a', { limit: 10, ...query, after });
    for (const row of found.rows) {
      expect(row.outcome).toBe(outcomeOf(row.row));
      expect(row.rejection?.row).toBe(row.outcome === 'rejected' ? row.row : undefined);
      rows.push(row.row);
    }
    expect(found.rows.length).toBeLessThanOrEqual(query.limit ?? 10);
    after = found.after;
  }
  return { rows, pages };
}

/** The ledger, and how much it was asked for in each call. */
function watched() {
  const asked = { outcomes: [] as number[], rejections: [] as number[] };
  const imports = faulty(world.imports, {
    before: {
      outcomes: (_, __, ___, limit) => asked.outcomes.push(limit),
      rejections: (_, __, ___, limit) => asked.rejections.push(limit),
    },
  });
  return { imports, asked };
}

describe('rows by their outcome', () => {
  for (const outcome of [undefined, 'inserted', 'duplicate', 'rejected', 'updated'] as const) {
    test(`${outcome ?? 'any'}: each once and in order, page by page`, async () => {
      await record(1, 500);
      await record(501, 499);
      const expected = upTo(999).filter((row) => outcome === undefined || outcomeOf(row) === outcome);
      for (const limit of [7, 100, 5_000]) {
        expect((await all({ ...(outcome && { outcome }), limit })).rows).toStrictEqual(expected);
      }
    });
  }

  test('where few are of the outcome, a page looks at so many rows and no more', async () => {
    for (const n of upTo(12)) await record((n - 1) * 10_000 + 1, 10_000);
    const found = await findRows(world.imports, 'a', { outcome: 'updated', after: 0, limit: 10 });
    expect(found).toStrictEqual({ rows: [], after: 50_000 });
    expect((await all({ outcome: 'updated' })).pages).toBe(3);
  });

  test('rejected ones are found without a look at the others', async () => {
    await record(1, 999);
    const { imports, asked } = watched();
    const { rows } = await findRows(imports, 'a', { outcome: 'rejected', after: 0, limit: 10 });
    expect([rows.length, asked]).toStrictEqual([10, { outcomes: [], rejections: [10] }]);
  });

  test('a page of any asks for as many as it shows, and for reasons a hundred at a time', async () => {
    await record(1, 999);
    const { imports, asked } = watched();
    await findRows(imports, 'a', { after: 0, limit: 900 });
    expect(asked).toStrictEqual({ outcomes: [900], rejections: [100, 100] });
  });

  test('where none is rejected, no reasons are asked for', async () => {
    await record(1, 6);
    const { imports, asked } = watched();
    expect((await findRows(imports, 'a', { after: 0, limit: 10 })).rows).toHaveLength(6);
    expect(asked).toStrictEqual({ outcomes: [10], rejections: [] });
  });

  test.each([
    ['at the last row it tells that there may be more', 2, { after: 14 }],
    ['behind it there are none', 3, {}],
  ])('of the rejected ones: %s', async (_, limit, after) => {
    await record(1, 20);
    const { rows, ...rest } = await findRows(world.imports, 'a', { outcome: 'rejected', after: 0, limit });
    expect([rows.map(({ row }) => row), rest]).toStrictEqual([[7, 14], after]);
  });

  test('an import without rows has none', async () => {
    expect(await findRows(world.imports, 'none', { after: 0, limit: 10 })).toStrictEqual({ rows: [] });
    expect(await findRows(world.imports, 'none', { outcome: 'rejected', after: 0, limit: 10 })).toStrictEqual({ rows: [] });
  });
});
