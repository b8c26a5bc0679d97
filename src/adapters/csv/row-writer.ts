import type { RowWriter } from '../../ports/row-writer.ts';

/**
 * Writes CSV by RFC 4180: commas, CRLF, which that standard names and every spreadsheet takes, and quotes where a cell needs them. In UTF-8 with a
 * byte order mark, without which Excel takes the file for Windows-1252. A row without cells is left out, as CSV has none.
 */
export class CsvRowWriter implements RowWriter {
  async *write(rows: AsyncIterable<readonly string[]>): AsyncIterable<Uint8Array> {
    let text = '\ufeff';
    for await (const row of rows) {
      if (row.length > 0) text += `${lineOf(row)}\r\n`;
      if (text.length < chunkLength) continue;
      yield Buffer.from(text);
      text = '';
    }
    if (text !== '') yield Buffer.from(text);
  }
}

/** Bytes are given out in chunks of about this many characters. */
const chunkLength = 64 << 10;

/** A quote, a line end, and all that a reader may take for a delimiter: quoted, none of them can mislead it. */
const needsQuotes = /["\r\n,;\t|]/;

function lineOf(row: readonly string[]): string {
  const line = row.map((cell) => (needsQuotes.test(cell) ? quoted(cell) : cell)).join(',');
  // Unquoted, it would be a blank line, which is no row.
  return line.trim() === '' && row.length === 1 ? quoted(row[0] as string) : line;
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}
