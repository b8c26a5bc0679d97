import type { RowWriter } from '../../ports/row-writer.ts';

/** Writes each row as a JSON array of strings on a line of its own. */
export class MemoryRowWriter implements RowWriter {
  async *write(rows: AsyncIterable<readonly string[]>): AsyncIterable<Uint8Array> {
    for await (const row of rows) yield Buffer.from(`${JSON.stringify(row)}\n`);
  }
}
