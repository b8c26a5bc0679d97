import type { Dialect, Position, Row, RowBlock, RowReader } from '../../ports/row-reader.ts';

/** Reads rows that are JSON arrays of strings, one a line. A line that is none is a row with one cell and the flaw `stray-quote`. */
export class MemoryRowReader implements RowReader {
  detect(): Promise<Dialect> {
    return Promise.resolve({ encoding: 'utf-8', bom: 0, delimiter: ',' });
  }

  /** Every block is one row. */
  async *read(bytes: AsyncIterable<Uint8Array>, dialect: Dialect, from?: Position): AsyncIterable<RowBlock> {
    let { offset, ordinal, line } = from ?? { offset: dialect.bom, ordinal: 0, line: 1 };
    for await (const text of lines(bytes)) {
      offset += text.length;
      const cells = text.toString().trim();
      if (cells !== '') {
        const row: Row = { ordinal: ordinal++, line, ...parse(cells) };
        yield { rows: [row], position: { offset, ordinal, line: line + 1 } };
      }
      line++;
    }
  }
}

/** Lines with their ends. */
async function* lines(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of bytes) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
      yield rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield rest;
}

function parse(text: string): Pick<Row, 'cells' | 'flaw'> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { cells: [text], flaw: 'stray-quote' };
  }
  const isRow = Array.isArray(value) && value.every((cell) => typeof cell === 'string');
  return isRow ? { cells: value as string[] } : { cells: [text], flaw: 'stray-quote' };
}
