import type { ImportLedger, Outcome } from '../../ports/import-ledger.ts';
import type { ImportId, Rejection } from '../../ports/vocabulary.ts';

/** A row that has its outcome, and why where it was rejected. */
export interface FoundRow {
  readonly row: number;
  readonly outcome: Outcome;
  readonly rejection?: Rejection;
}

/** Rows, and the row after which to look for more: it is absent at the end, and a page may be short or empty before it. */
export interface FoundRows {
  readonly rows: readonly FoundRow[];
  readonly after?: number;
}

export interface RowQuery {
  /** Only rows of this outcome. */
  readonly outcome?: Outcome;
  /** Rows after this one. */
  readonly after: number;
  readonly limit: number;
}

/** What became of an import's rows, in their order. */
export async function findRows(
  imports: Pick<ImportLedger, 'outcomes' | 'rejections'>,
  id: ImportId,
  { outcome, after, limit }: RowQuery,
): Promise<FoundRows> {
  if (outcome === 'rejected') return rejectedRows(imports, id, after, limit);
  const found: FoundRow[] = [];
  let from = after + 1;
  for (let looked = 0; looked < mostLookedAt && found.length < limit;) {
    const most = outcome === undefined ? limit : page;
    const seen = await imports.outcomes(id, from, most);
    for (const row of seen) {
      from = row.row + 1;
      if (outcome === undefined || row.outcome === outcome) found.push(row);
      if (found.length === limit) break;
    }
    looked += seen.length;
    if (seen.length < most && found.length < limit) return { rows: await withReasons(imports, id, found) };
  }
  return { rows: await withReasons(imports, id, found), after: from - 1 };
}

/** One call looks at no more rows than this, so that it takes no longer where few of them are of the outcome. */
const mostLookedAt = 50_000;
const page = 10_000;

/** A rejection may hold 64 KiB. */
const rejectionsAtOnce = 100;

async function rejectedRows(imports: Pick<ImportLedger, 'rejections'>, id: ImportId, after: number, limit: number): Promise<FoundRows> {
  const most = Math.min(limit, rejectionsAtOnce);
  const rejections = await imports.rejections(id, after, most);
  const rows = rejections.map((rejection): FoundRow => ({ row: rejection.row, outcome: 'rejected', rejection }));
  const last = rows.at(-1);
  return { rows, ...(last && rows.length === most && { after: last.row }) };
}

async function withReasons(
  imports: Pick<ImportLedger, 'rejections'>,
  id: ImportId,
  rows: readonly FoundRow[],
): Promise<readonly FoundRow[]> {
  const rejected = rows.filter(({ outcome }) => outcome === 'rejected');
  const [first] = rejected;
  if (!first) return rows;
  const byRow = new Map<number, Rejection>();
  const last = rejected.at(-1)?.row ?? first.row;
  for (let after = first.row - 1; after < last;) {
    const some = await imports.rejections(id, after, rejectionsAtOnce);
    for (const rejection of some) byRow.set(rejection.row, rejection);
    after = some.at(-1)?.row ?? last;
  }
  return rows.map((row) => {
    const rejection = byRow.get(row.row);
    return rejection ? { ...row, rejection } : row;
  });
}
