import { expect } from '@jest/globals';
import { decode, unitOf } from '../../src/adapters/csv/encodings.ts';
import type { Limits } from '../../src/adapters/csv/limits.ts';
import { CsvRowReader } from '../../src/adapters/csv/row-reader.ts';
import type { Dialect, Row } from '../../src/ports/row-reader.ts';
import { readAll } from '../adapters/csv/reading.ts';

/**
 * Reads the rows of a file, and holds them against the lines of its text, which are counted without the reader: every line that is not
 * blank is in the cells of one row, in full, and on the line that the row tells. Nothing is left out or given twice, whatever is broken.
 *
 * Quotes aside, a row is its cells with delimiters between them, sound or flawed; each line end within a cell is one of the file's.
 */
export async function rowsOfEveryLine(
  limits: Limits,
  { bytes, dialect }: { readonly bytes: Buffer; readonly dialect: Dialect },
): Promise<Row[]> {
  const { rows } = await readAll(new CsvRowReader(limits), bytes, dialect);
  // Flawed rows are cut. Uncut, they show what is theirs.
  const uncut = await readAll(new CsvRowReader({ ...limits, flawedCells: Infinity }), bytes, dialect);
  expect(rows.map(withoutCells)).toStrictEqual(uncut.rows.map(withoutCells));

  const lines = linesOf(bytes.subarray(dialect.bom), dialect.encoding);
  const found = lines.map(() => '');
  for (const { line, cells } of uncut.rows) {
    const first = line - 1;
    const own = cells.join(dialect.delimiter).split(/\r\n|\n|\r/);
    for (const [index, text] of own.entries()) found[first + index] = `${found[first + index] ?? ''}${text}`;
    // Of a row that goes on behind the look-ahead, its last line is dropped from there on.
    const last = first + own.length - 1;
    const whole = lines[last] ?? '';
    const goesOn = Buffer.byteLength(lines.slice(first, last + 1).join('')) > limits.lookAhead;
    if (goesOn && bare(whole).startsWith(bare(found[last] ?? ''))) found[last] = whole;
  }
  const ofLine = (text: string): string => (text.trim() === '' && !text.includes(dialect.delimiter) ? '' : text);
  expect(found.map(bare).map(ofLine)).toStrictEqual(lines.map(bare).map(ofLine));
  return rows;
}

/** The lines of a text, with their ends: a line end is a unit of its own in every encoding that is read, also behind a broken character. */
function linesOf(bytes: Buffer, encoding: string): string[] {
  const unit = unitOf(encoding);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % unit));
  const littleEndian = encoding === 'utf-16be' ? Buffer.from(whole).swap16() : whole;
  const units = littleEndian.toString(unit === 2 ? 'utf16le' : 'latin1');
  const lines: string[] = [];
  let start = 0;
  // Decoded without its end: a broken character right before it may be read in two ways.
  const add = (stop: number, end: string): void => {
    lines.push(decode(bytes.subarray(start * unit, stop), encoding, { fatal: false, whole: true }) + end);
    start = stop / unit + end.length;
  };
  for (const { 0: end, index } of units.matchAll(/\r\n|\n|\r/g)) add(index * unit, end);
  add(bytes.length, '');
  return lines;
}

/** A text without quotes and line ends; without broken characters too, as the bytes of one may count as several. */
function bare(text: string): string {
  return text.replace(/["\r\n\ufffd]/g, '');
}

function withoutCells({ ordinal, line, flaw }: Row): Omit<Row, 'cells'> {
  return { ordinal, line, ...(flaw && { flaw }) };
}
