import type { AddressSyntax } from '../../ports/address-syntax.ts';
import type { ColumnPlan } from '../../ports/import-ledger.ts';
import type { Row } from '../../ports/row-reader.ts';
import type { Attributes, Rejection, UserRecord } from '../../ports/vocabulary.ts';
import { addressKey, readAddressCell } from './address.ts';
import { cellValue, columnLabel, joinName, rejectsColumns, rowNumber } from './columns.ts';
import { encodedSize, encodedSizeOfAll, encodedSizeOfAttributes } from './encoded-size.ts';
import { rejectionReason, type RejectionCode } from './rejections.ts';

/** What a row is: a record, or a rejection; and its bytes once encoded. */
export type JudgedRow =
  | { readonly record: UserRecord; readonly rejection?: undefined; readonly bytes: number }
  | { readonly record?: undefined; readonly rejection: Rejection; readonly bytes: number };

/** A record may have this many bytes once encoded. */
export const maxRecordBytes = 65_536;

/** Mail clients and SMTP servers cope with names of this many characters. */
const maxNameLength = 256;

/** How many bytes of a rejected row's cells are kept. */
const maxKeptBytes = 65_536;

/** What the punctuation of an encoded row comes to, its row number included. */
const rowOverhead = 32;

/** Makes a record of a row, or says why it is none. Pure: the same row gives the same answer. */
export function judgeRow(plan: ColumnPlan, row: Row, syntax: AddressSyntax): JudgedRow {
  const { cells } = row;
  if (row.flaw) return rejected(plan, row, row.flaw);
  const inner = readAddressCell(cellValue(plan, cells, plan.email));
  const [onlyName] = plan.name;
  const named =
    plan.name.length === 1 && onlyName !== undefined
      ? cellValue(plan, cells, onlyName)
      : joinName(plan.name.map((index) => cellValue(plan, cells, index)));
  const name = named === '' ? inner.name : named;

  if (inner.address === '') return rejected(plan, row, 'missing-address', plan.email);
  const check = syntax.check(inner.address);
  if (!check.deliverable) return rejected(plan, row, 'invalid-address', plan.email, check.why);
  if (name === '') return rejected(plan, row, 'missing-name', onlyName);
  if (name.length > maxNameLength) return rejected(plan, row, 'name-too-long', onlyName, String(name.length));

  const { address } = check;
  const key = addressKey(address);
  let bytes = rowOverhead + key.length + encodedSize(name) + (key === address ? 0 : address.length);
  const number = rowNumber(plan, row.ordinal);
  if (plan.keep.length === 0) return { record: { row: number, key, address, name }, bytes };

  const attributes = keptAttributes(plan, cells);
  bytes += encodedSizeOfAttributes(attributes);
  if (bytes > maxRecordBytes) return rejected(plan, row, 'record-too-large');
  return { record: { row: number, key, address, name, attributes }, bytes };
}

function keptAttributes(plan: ColumnPlan, cells: readonly string[]): Attributes {
  return Object.fromEntries(plan.keep.map(({ index, as }) => [as, cellValue(plan, cells, index)]));
}

function rejected(plan: ColumnPlan, row: Row, code: RejectionCode, column?: number, detail?: string): JudgedRow {
  const original = plan.rejects ? row.cells.slice(0, (plan.header?.length ?? 0) - rejectsColumns.length) : row.cells;
  const kept = keptCells(plan.rejects ? original.map((_, index) => cellValue(plan, original, index)) : original);
  const rejection: Rejection = {
    row: rowNumber(plan, row.ordinal),
    line: row.line,
    column: column === undefined ? '' : columnLabel(plan, column),
    code,
    reason: rejectionReason(code, detail),
    cells: kept.cells,
    cut: kept.cut || row.flaw === 'row-too-large',
  };
  const bytes = rowOverhead + encodedSizeOfAll(kept.cells) + encodedSize(rejection.reason) + encodedSize(rejection.column) + code.length;
  return { rejection, bytes };
}

function keptCells(cells: readonly string[]): { readonly cells: readonly string[]; readonly cut: boolean } {
  if (encodedSizeOfAll(cells) <= maxKeptBytes) return { cells, cut: false };
  const kept: string[] = [];
  let left = maxKeptBytes;
  for (const cell of cells) {
    const size = encodedSize(cell) + 1;
    if (size > left) {
      // A UTF-16 unit is at most 6 bytes once encoded.
      kept.push(cell.slice(0, Math.max(0, Math.floor((left - 3) / 6))));
      break;
    }
    kept.push(cell);
    left -= size;
  }
  return { cells: kept, cut: true };
}
