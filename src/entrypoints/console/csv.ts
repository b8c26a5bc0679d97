import { rejectsColumns } from '../../domain/user-import/columns.ts';
import { neutralised } from '../../domain/user-import/formula.ts';

/** A rejected row that a person has corrected. */
export interface CorrectedRow {
  readonly row: number;
  readonly cells: readonly string[];
  readonly column?: string;
  readonly code?: string;
  readonly reason?: string;
}

/** Corrected rows as a file of rejects (RFC 4180): so it is understood as one, with the very cells that were typed. */
export function correctedCsv(labels: readonly string[], rows: readonly CorrectedRow[]): string {
  const width = rows.reduce((most, { cells }) => Math.max(most, cells.length), labels.length);
  const header = Array.from({ length: width }, (_, index) => labels[index] ?? `column ${index + 1}`);
  const lines = rows.map(({ row, cells, column = '', code = '', reason = '' }) => [
    ...header.map((_, index) => cells[index] ?? ''),
    ...[String(row), column, code, reason],
  ]);
  return [[...header, ...rejectsColumns], ...lines]
    .map((cells) => `${cells.map((cell) => quoted(neutralised(cell))).join(',')}\r\n`)
    .join('');
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
