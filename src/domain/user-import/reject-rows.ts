import type { ImportHead, ImportLedger } from '../../ports/import-ledger.ts';
import type { Rejection } from '../../ports/vocabulary.ts';
import { columnLabel, rejectsColumns } from './columns.ts';
import { neutralised } from './formula.ts';

/**
 * The table of an import's rejected rows: a header, the rows as they were, each filled up to the same width, and what is wrong with each.
 * Cells are harmless in a spreadsheet. Corrected and imported again, it is understood as it is.
 */
export async function* rejectRows(imports: Pick<ImportLedger, 'rejections'>, head: ImportHead): AsyncGenerator<readonly string[]> {
  const header = rejectsHeader(head);
  let width = header.length;
  // Rows may be longer than the header: the widest one is found first, so that nothing of them is lost.
  for await (const { cells, cut } of rejections(imports, head)) if (!cut) width = Math.max(width, Math.min(cells.length, mostColumns));
  const filled = (cells: readonly string[], empty: (index: number) => string): string[] =>
    Array.from({ length: width }, (_, index) => neutralised(cells[index] ?? empty(index)));
  yield [...filled(header, (index) => `column ${index + 1}`), ...rejectsColumns];
  for await (const { cells, row, column, code, reason } of rejections(imports, head)) {
    yield [...filled(cells, () => ''), ...[String(row), column, code, reason].map(neutralised)];
  }
}

/** The original header; where there was none, one that tells address and name. */
export function rejectsHeader({ plan }: ImportHead): readonly string[] {
  if (!plan) return [];
  const { columns } = plan;
  if (columns.header) return columns.rejects ? columns.header.slice(0, -rejectsColumns.length) : columns.header;
  const width = Math.max(columns.email, ...columns.name, ...columns.keep.map(({ index }) => index)) + 1;
  return Array.from({ length: width }, (_, index) =>
    index === columns.email ? 'email' : index === columns.name[0] ? 'name' : columnLabel(columns, index),
  );
}

/** How many rejections are in memory at once: each may have 64 KiB of cells. */
const page = 100;

/** More columns than a table of people has; what a broken row has beyond is left out. */
const mostColumns = 1_000 - rejectsColumns.length;

async function* rejections(imports: Pick<ImportLedger, 'rejections'>, { id }: ImportHead): AsyncGenerator<Rejection> {
  for (let after: number | undefined = 0; after !== undefined;) {
    const found: readonly Rejection[] = await imports.rejections(id, after, page);
    yield* found;
    after = found.at(-1)?.row;
  }
}
