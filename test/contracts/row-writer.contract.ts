import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RowReader } from '../../src/ports/row-reader.ts';
import type { RowWriter } from '../../src/ports/row-writer.ts';
import { property } from '../fuzz/property.ts';

/** What a row writer is tried with. */
export interface RowWriterSubject {
  readonly writer: RowWriter;
  /** The reader of the same format. */
  readonly reader: RowReader;
  /** What another program makes of the bytes. */
  readonly readElsewhere: (bytes: Buffer) => unknown;
}

/** What every row writer promises: its rows are read back as they were. */
export function rowWriterContract(label: string, subject: () => RowWriterSubject): void {
  describe(`${label} as a RowWriter`, () => {
    const special = fc.constantFrom('"', ',', ';', '\t', '|', '\n', '\r\n', '\r', ' ', '=1+1', '王', '😀', 'é', '', '\ufeff', 'text');
    const cell = fc.array(special, { maxLength: 4 }).map((parts) => parts.join(''));
    const tables = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });

    property('what it writes is read back, by the reader and by others', tables, async (rows) => {
      const { writer, reader, readElsewhere } = subject();
      const bytes = await written(writer, rows);
      expect(await readBack(reader, bytes)).toStrictEqual(rows);
      expect(readElsewhere(bytes)).toStrictEqual(rows);
    });

    test('writes many rows as they come', async () => {
      const { writer, reader } = subject();
      const rows = Array.from({ length: 20_000 }, (_, index) => [`Person ${index}`, `person${index}@example.com`]);
      expect(await readBack(reader, await written(writer, rows))).toStrictEqual(rows);
    });
  });
}

async function written(writer: RowWriter, rows: readonly (readonly string[])[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writer.write(each(rows))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readBack(reader: RowReader, bytes: Buffer): Promise<(readonly string[])[]> {
  const dialect = await reader.detect(each([bytes]), {});
  const rows: (readonly string[])[] = [];
  for await (const block of reader.read(each([bytes]), dialect)) rows.push(...block.rows.map((row) => row.cells));
  return rows;
}

async function* each<T>(values: readonly T[]): AsyncIterable<T> {
  for (const value of values) yield await Promise.resolve(value);
}
