import { beforeEach, describe, expect, test } from '@jest/globals';
import { findRows, type FoundRow, type FoundRows, type RowQuery } from '../../../src/domain/user-import/find-rows.ts';
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

/** The numbers of all rows, page by page: each has its outcome, and each rejected one its rejection. */
async function all(query: Pick<RowQuery, 'limit' | 'outcome'>): Promise<readonly number[]> {
  const found: FoundRow[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: FoundRows = await findRows(world.imports, 'a', { ...query, after });
    expect(page.rows.length).toBeLessThanOrEqual(query.limit);
    found.push(...page.rows);
    after = page.after;
  }
  expect(found.map(({ row, outcome, rejection }) => [row, outcome, rejection?.row])).toStrictEqual(
    found.map(({ row }) => [row, outcomeOf(row), outcomeOf(row) === 'rejected' ? row : undefined]),
  );
  return found.map(({ row }) => row);
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
        expect(await all({ ...(outcome && { outcome }), limit })).toStrictEqual(expected);
      }
    });
  }

  test('where few are of the outcome, a page looks at so many rows and no more', async () => {
    const inserted = (row: number) => ({ row, outcome: 'inserted' as const });
    const imports = {
      outcomes: (_: string, from: number, limit: number) =>
        Promise.resolve(Array.from({ length: Math.min(limit, 120_001 - from) }, (__, index) => inserted(from + index))),
      rejections: () => Promise.resolve([]),
    };
    const found = [0, 50_000, 100_000].map((after) => findRows(imports, 'a', { outcome: 'updated', after, limit: 10 }));
    expect(await Promise.all(found)).toStrictEqual([{ rows: [], after: 50_000 }, { rows: [], after: 100_000 }, { rows: [] }]);
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
