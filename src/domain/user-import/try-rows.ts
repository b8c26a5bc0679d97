import type { AddressSyntax } from '../../ports/address-syntax.ts';
import type { ColumnPlan, Refusal } from '../../ports/import-ledger.ts';
import type { Dialect, Row, RowReader } from '../../ports/row-reader.ts';
import type { ReadingOptions, Rejection, StopSignal, UserRecord } from '../../ports/vocabulary.ts';
import { isRefusal, planColumns } from './columns.ts';
import { emptyFile } from './plan-reading.ts';
import { judgeRow } from './rows.ts';

/** Rows as an import would understand them. */
export interface Trial {
  readonly dialect: Dialect;
  /** The values of the very first row, be it a header or a person. */
  readonly firstRow: readonly string[];
  /** What the columns mean; absent where the file as a whole would be refused. */
  readonly columns?: ColumnPlan;
  readonly refusal?: Refusal;
  readonly valid: number;
  readonly rejected: number;
  /** The first rows, as they stand in the file and as they are understood. */
  readonly first: readonly TriedRow[];
  readonly firstRejected: readonly Rejection[];
  /** Whether all rows were looked at. */
  readonly whole: boolean;
}

/** A row, and what it would become: a record or a rejection; neither where the file is refused. */
interface TriedRow {
  readonly row: number;
  readonly line: number;
  readonly cells: readonly string[];
  readonly record?: UserRecord;
  readonly rejection?: Rejection;
}

export interface TrialBounds {
  /** How many rows are looked at. */
  readonly rows: number;
  /** How many of the first ones, and of the first rejected ones, are told. */
  readonly told: number;
  /** True where the bytes are only the beginning of a file: then the last row may be cut, and is left out. */
  readonly partial: boolean;
  readonly stop?: StopSignal;
}

/**
 * Reads and judges rows just as an import does, and stores nothing. A file without an address column is told with its first rows: so a
 * person can say which column it is. Raises what RowReader raises.
 * @param open the bytes from their start on; called more than once
 */
export async function tryRows(
  ports: { readonly rows: RowReader; readonly syntax: AddressSyntax },
  open: () => AsyncIterable<Uint8Array>,
  options: ReadingOptions,
  bounds: TrialBounds,
): Promise<Trial> {
  const dialect = await ports.rows.detect(open(), options);
  const counts = { valid: 0, rejected: 0 };
  const first: TriedRow[] = [];
  const firstRejected: Rejection[] = [];
  let firstRow: readonly string[] | undefined;
  let plan: ColumnPlan | Refusal | undefined;
  let whole = !bounds.partial;

  const take = (row: Row): void => {
    if (!plan || isRefusal(plan)) {
      if (first.length < bounds.told) first.push({ row: row.ordinal, line: row.line, cells: row.cells });
      return;
    }
    const judged = judgeRow(plan, row, ports.syntax);
    counts[judged.record ? 'valid' : 'rejected']++;
    if (judged.rejection && firstRejected.length < bounds.told) firstRejected.push(judged.rejection);
    if (first.length === bounds.told) return;
    const { line, cells } = row;
    if (judged.record) first.push({ row: judged.record.row, line, cells, record: judged.record });
    else first.push({ row: judged.rejection.row, line, cells, rejection: judged.rejection });
  };

  let pending: Row | undefined;
  let taken = 0;
  let follows = false;
  reading: for await (const block of ports.rows.read(open(), dialect)) {
    if (bounds.stop?.aborted) break;
    for (const row of block.rows) {
      if (!firstRow) {
        firstRow = row.cells;
        plan = planColumns(row.cells, options, ports.syntax);
        if (isRefusal(plan) || plan.header) continue;
      }
      if (taken === bounds.rows) {
        whole = false;
        follows = true;
        break reading;
      }
      // A row is certain to be whole only when another one follows.
      if (pending) take(pending);
      pending = row;
      taken++;
    }
  }
  if (pending && (!bounds.partial || follows)) take(pending);
  plan ??= emptyFile;
  return {
    dialect,
    firstRow: firstRow ?? [],
    ...(isRefusal(plan) ? { refusal: plan } : { columns: plan }),
    ...counts,
    first,
    firstRejected,
    whole,
  };
}
