import { parse, type Options } from 'csv-parse/sync';
import type { Frames } from './framing.ts';

/** The cells of every frame, in order; those of broken ones as well as can be told, cut to `most` bytes. */
export function cellsOf(bytes: Buffer, frames: Frames, delimiter: string, most: number): string[][] {
  const plain = plainCells(bytes, frames, delimiter);
  if (plain !== undefined) return plain;
  const options = optionsFor(bytes, frames, delimiter);
  return isUniform(frames) ? parseAll(bytes, frames, options) : parseByWidth(bytes, frames, options, delimiter, most);
}

/** Cells, with what exceeds `most` bytes of UTF-8 in total left out. Every cell counts one byte more, for its delimiter. */
export function cutCells(cells: readonly string[], most: number): string[] {
  const kept: string[] = [];
  let left = most;
  for (const cell of cells) {
    if (left <= 0) break;
    const bytes = Buffer.from(cell);
    kept.push(bytes.length <= left ? cell : wholeCharacters(bytes.subarray(0, left)));
    left -= bytes.length + 1;
  }
  return kept;
}

/**
 * The cells where no quote stands between the first frame and the last: then every delimiter ends a cell and every line end a record,
 * and there is nothing to parse. Most files are like that, and csv-parse takes five times as long for the same cells (a property test compares them).
 */
function plainCells(bytes: Buffer, frames: Frames, delimiter: string): string[][] | undefined {
  const [first, last] = [frames.starts[0], frames.stops.at(-1)];
  if (first === undefined || last === undefined || frames.flaws.size > 0) return undefined;
  const block = bytes.subarray(first, last);
  if (block.includes(0x22)) return undefined;
  const lines = block.toString('utf8').split(block.includes(0x0d) ? /\r\n|\n|\r/ : '\n');
  const cells: string[][] = [];
  for (const line of lines) if (line !== '') cells.push(line.split(delimiter));
  return cells.length === frames.starts.length ? cells : undefined;
}

function optionsFor(bytes: Buffer, frames: Frames, delimiter: string): Options {
  const first = frames.starts[0] ?? 0;
  const hasCarriageReturn = bytes.subarray(first, frames.end).includes(0x0d);
  return {
    delimiter,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: hasCarriageReturn ? ['\r\n', '\n', '\r'] : ['\n'],
  };
}

function isUniform(frames: Frames): boolean {
  const width = frames.widths[0];
  return frames.flaws.size === 0 && frames.widths.every((other) => other === width);
}

function parseAll(bytes: Buffer, frames: Frames, options: Options): string[][] {
  const last = frames.stops.at(-1);
  if (last === undefined) return [];
  return parseExactly(bytes.subarray(frames.starts[0], last), frames.starts.length, options);
}

/**
 * csv-parse makes an error object, which it then ignores, for every record that is not as wide as the first one it sees:
 * 16 µs each. So records are handed to it by width.
 */
function parseByWidth(bytes: Buffer, frames: Frames, options: Options, delimiter: string, most: number): string[][] {
  const cells = new Array<string[]>(frames.starts.length);
  const byWidth = new Map<number, number[]>();
  for (const [index, width] of frames.widths.entries()) {
    if (frames.flaws.has(index)) {
      cells[index] = cutCells(lenientCells(bytes.subarray(frames.starts[index], frames.stops[index]), delimiter, most), most);
      continue;
    }
    const group = byWidth.get(width);
    if (group === undefined) byWidth.set(width, [index]);
    else group.push(index);
  }
  for (const group of byWidth.values()) {
    const records = group.map((index) => bytes.subarray(frames.starts[index], frames.stops[index]));
    const parsed = parseExactly(Buffer.concat(records), group.length, options);
    for (const [at, index] of group.entries()) cells[index] = parsed[at] as string[];
  }
  return cells;
}

function parseExactly(bytes: Buffer, records: number, options: Options): string[][] {
  const parsed = parse(bytes, options);
  if (parsed.length !== records) throw new Error(`csv-parse found ${parsed.length} records where ${records} were framed.`);
  return parsed;
}

/** Splits a record whose quotes are broken: a field that is quoted as it should be is unquoted, every other one is taken as it stands. */
function lenientCells(record: Uint8Array, delimiter: string, most: number): string[] {
  const text = wholeCharacters(record.subarray(0, most)).replace(/(\r\n|\n|\r)$/, '');
  const cells: string[] = [];
  let start = 0;
  while (start <= text.length) {
    const quoted = quotedField(text, start, delimiter);
    const found = quoted === undefined ? text.indexOf(delimiter, start) : quoted.end;
    const end = found === -1 ? text.length : found;
    cells.push(quoted === undefined ? text.slice(start, end) : quoted.cell);
    start = end + delimiter.length;
  }
  return cells;
}

function quotedField(text: string, start: number, delimiter: string): { cell: string; end: number } | undefined {
  if (text[start] !== '"') return undefined;
  let end = start + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (end === -1) return undefined;
    if (text[end + 1] !== '"') break;
    end += 2;
  }
  if (end + 1 !== text.length && !text.startsWith(delimiter, end + 1)) return undefined;
  return { cell: text.slice(start + 1, end).replaceAll('""', '"'), end: end + 1 };
}

/** UTF-8 as text, without a character that was cut at the end. */
function wholeCharacters(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}
