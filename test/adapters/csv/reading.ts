import type { Dialect, Position, Row, RowReader } from '../../../src/ports/row-reader.ts';
import { defaultLimits, type Limits } from '../../../src/adapters/csv/limits.ts';

/** Sizes so small that short texts reach every one of them, in the proportions of the real ones. */
export const smallLimits: Limits = { window: 3, block: 16, piece: 5, record: 40, lookAhead: 160, flawedCells: 24 };

/** Sizes so small that every few bytes are a stretch, a block and a piece of their own, while no record is too large. */
export const smallStretches: Limits = { ...defaultLimits, window: 1, block: 1, piece: 1 };

export const utf8: Dialect = { encoding: 'utf-8', bom: 0, delimiter: ',' };

/** Bytes as a stream, cut at the given places, or into pieces of the given size. */
export async function* stream(bytes: Uint8Array, cuts: readonly number[] | number = []): AsyncIterable<Uint8Array> {
  const places = typeof cuts === 'number' ? Array.from({ length: Math.ceil(bytes.length / cuts) }, (_, index) => index * cuts) : cuts;
  const sorted = [0, ...places, bytes.length].map((cut) => Math.min(cut, bytes.length)).sort((one, other) => one - other);
  for (let index = 1; index < sorted.length; index++) {
    yield await Promise.resolve(bytes.subarray(sorted[index - 1], sorted[index]));
  }
}

/** All rows, and every position that was offered. */
export async function readAll(
  reader: RowReader,
  bytes: Uint8Array,
  dialect: Dialect,
  cuts: readonly number[] | number = [],
  from?: Position,
): Promise<{ readonly rows: Row[]; readonly positions: Position[] }> {
  const rows: Row[] = [];
  const positions: Position[] = [];
  for await (const block of reader.read(stream(bytes.subarray(from?.offset ?? 0), cuts), dialect, from)) {
    rows.push(...block.rows);
    if (block.position !== undefined) positions.push(block.position);
  }
  return { rows, positions };
}

/** The cells of all rows of a text, read as it comes. */
export async function cellsOfText(reader: RowReader, text: string | Uint8Array, dialect: Dialect = utf8): Promise<(readonly string[])[]> {
  const { rows } = await readAll(reader, typeof text === 'string' ? Buffer.from(text) : text, dialect);
  return rows.map((row) => row.cells);
}
