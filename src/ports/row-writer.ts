/** Writes rows as bytes that every reader of the format, `RowReader` first, reads back as they were. */
export interface RowWriter {
  write(rows: AsyncIterable<readonly string[]>): AsyncIterable<Uint8Array>;
}
