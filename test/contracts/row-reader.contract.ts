import { describe, expect, test } from '@jest/globals';
import type { Position, Row, RowReader } from '../../src/ports/row-reader.ts';

/** What a row reader is tried with. */
export interface RowReaderSubject {
  readonly reader: RowReader;
  /** The rows in the reader's format, each with its line end. */
  readonly encode: (rows: readonly (readonly string[])[]) => Uint8Array;
  /** One line that is no row of the format. */
  readonly malformedLine: string;
}

/** What every row reader promises: all rows, in order, however the bytes arrive and wherever reading was stopped. */
export function rowReaderContract(label: string, subject: () => RowReaderSubject): void {
  describe(`${label} as a RowReader`, () => {
    const table = [['name', 'email'], ...Array.from({ length: 30 }, (_, index) => [`Person "${index}", 王`, `p${index}@example.com`])];

    test('gives every row with its cells, counted from 0, on its line', async () => {
      const { reader, encode } = subject();
      const { rows } = await readAll(reader, encode(table));
      expect(rows).toStrictEqual(table.map((cells, ordinal) => ({ ordinal, line: ordinal + 1, cells })));
    });

    test('gives the same rows however the bytes are split', async () => {
      const { reader, encode } = subject();
      const bytes = encode(table);
      const whole = await readAll(reader, bytes);
      for (const size of [1, 2, 3, 5, 64]) expect((await readAll(reader, bytes, size)).rows).toStrictEqual(whole.rows);
    });

    test('offers positions, the last one at the end, and resumes at each as if it had not stopped', async () => {
      const { reader, encode } = subject();
      const bytes = encode(table);
      const { rows, positions } = await readAll(reader, bytes, 7);
      expect(positions.at(-1)).toStrictEqual({ offset: bytes.length, ordinal: rows.length, line: rows.length + 1 });
      for (const position of positions) {
        expect((await readAll(reader, bytes, 7, position)).rows).toStrictEqual(rows.slice(position.ordinal));
      }
    });

    test('gives no row for a blank line, and counts it as a line', async () => {
      const { reader, encode } = subject();
      const bytes = Buffer.concat([encode([['one', 'row']]), Buffer.from('\n  \n'), encode([['another', 'one']])]);
      const { rows } = await readAll(reader, bytes);
      expect(rows.map(({ ordinal, line }) => ({ ordinal, line }))).toStrictEqual([
        { ordinal: 0, line: 1 },
        { ordinal: 1, line: 4 },
      ]);
    });

    test('gives a malformed row as a value with its flaw, and reads on', async () => {
      const { reader, encode, malformedLine } = subject();
      const bytes = Buffer.concat([encode([['before', 'it']]), Buffer.from(`${malformedLine}\n`), encode([['after', 'it']])]);
      const { rows } = await readAll(reader, bytes);
      expect(rows.map((row) => row.line)).toStrictEqual([1, 2, 3]);
      expect(rows.map((row) => row.flaw === undefined)).toStrictEqual([true, false, true]);
      expect(rows[2]?.cells).toStrictEqual(['after', 'it']);
    });

    test('gives nothing for nothing', async () => {
      const { reader } = subject();
      expect((await readAll(reader, Buffer.alloc(0))).rows).toStrictEqual([]);
    });

    test('closes its source when the rows are no longer wanted', async () => {
      const { reader, encode } = subject();
      let closed = 0;
      async function* endless(): AsyncIterable<Uint8Array> {
        try {
          for (;;) yield await Promise.resolve(encode(table));
        } finally {
          closed++;
        }
      }
      const dialect = await reader.detect(endless(), {});
      for await (const block of reader.read(endless(), dialect)) {
        expect(block.rows.length).toBeGreaterThan(0);
        break;
      }
      expect(closed).toBeGreaterThan(0);
    });
  });
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield await Promise.resolve(bytes.subarray(start, start + size));
}

async function readAll(
  reader: RowReader,
  bytes: Uint8Array,
  size = 1 << 20,
  from?: Position,
): Promise<{ readonly rows: Row[]; readonly positions: Position[] }> {
  const dialect = await reader.detect(inPieces(bytes, size), {});
  const rows: Row[] = [];
  const positions: Position[] = [];
  for await (const block of reader.read(inPieces(bytes.subarray(from?.offset ?? 0), size), dialect, from)) {
    rows.push(...block.rows);
    if (block.position !== undefined) positions.push(block.position);
  }
  return { rows, positions };
}
