import type { RowFlaw } from '../../ports/row-reader.ts';
import type { Limits } from './limits.ts';

const lf = 0x0a;
const cr = 0x0d;
const quote = 0x22;

/** The records of a stretch of bytes, by index; empty lines are no records. */
export interface Frames {
  /** Where each record starts. */
  readonly starts: number[];
  /** Where the record after it can start: behind its line end. */
  readonly stops: number[];
  /** The line on which it starts. */
  readonly lines: number[];
  /** How many cells it has. */
  readonly widths: number[];
  /** The broken ones, by index. */
  readonly flaws: Map<number, RowFlaw>;
  /** Where framing stopped, between two records. */
  end: number;
  /** The line that starts there. */
  line: number;
  /** `more`: of the record at `end` bytes are missing. `skip`: the last record's line is endless, drop all up to its line end. */
  next: 'on' | 'more' | 'skip';
}

/**
 * Finds where the records of CSV text (RFC 4180, UTF-8) start and stop, so that a parser is only ever given whole and sound ones.
 * What it answers depends on the bytes alone, never on how they arrive, and starts afresh at every record.
 *
 * A quote opens at the start of a field only, `""` within stands for one, and a closing quote is followed by a delimiter or a line end.
 * Where that is broken, or the quote is not closed within the look-ahead, the record is given up: its first line alone is a
 * flawed record, and the next line starts afresh. So one bad quote never swallows the rows behind it.
 *
 * @param bytes start with a record, on line `line`
 * @param atEnd whether the bytes end with the file
 */
export function frame(bytes: Uint8Array, line: number, atEnd: boolean, delimiter: Uint8Array, limits: Limits): Frames {
  const frames: Frames = { starts: [], stops: [], lines: [], widths: [], flaws: new Map(), end: 0, line, next: 'on' };
  const record = new RecordScanner(bytes, atEnd, delimiter, limits);
  while (frames.next === 'on' && frames.end < limits.block) {
    if (frames.end >= bytes.length) frames.next = 'more';
    else addRecord(frames, record);
  }
  return frames;
}

/** The index behind the first line end at or after `from`; -1 where there is none, or where a carriage return may yet get its line feed. */
export function nextLine(bytes: Uint8Array, from: number, bound: number, atEnd: boolean): number {
  let index = from;
  while (index < bound && bytes[index] !== lf && bytes[index] !== cr) index++;
  if (index >= bound) return -1;
  if (bytes[index] === lf) return index + 1;
  if (index + 1 < bytes.length) return bytes[index + 1] === lf ? index + 2 : index + 1;
  return atEnd ? index + 1 : -1;
}

/** Frames the record at `frames.end`. */
function addRecord(frames: Frames, record: RecordScanner): void {
  const start = frames.end;
  const found = record.scan(start);
  switch (found) {
    case 'whole':
      if (record.content > start)
        push(frames, record, record.stop, record.content - start > record.limits.record ? 'row-too-large' : undefined);
      advance(frames, record.stop, record.breaks + 1);
      return;
    case 'more':
      frames.next = 'more';
      return;
    case 'endless':
      push(frames, record, record.bound, 'row-too-large');
      advance(frames, record.bound, record.breaks);
      frames.next = 'skip';
      return;
    case 'stray-quote':
    case 'unclosed-quote':
      addBrokenLine(frames, record, found);
      return;
  }
}

function addBrokenLine(frames: Frames, record: RecordScanner, flaw: RowFlaw): void {
  const next = nextLine(record.bytes, frames.end, record.bound, record.atEnd);
  if (next !== -1 || record.lastOfFile) {
    push(frames, record, next === -1 ? record.bound : next, flaw);
    advance(frames, next === -1 ? record.bound : next, 1);
  } else if (record.over) {
    push(frames, record, record.bound, flaw);
    advance(frames, record.bound, 0);
    frames.next = 'skip';
  } else {
    frames.next = 'more';
  }
}

function push(frames: Frames, record: RecordScanner, stop: number, flaw: RowFlaw | undefined): void {
  if (flaw !== undefined) frames.flaws.set(frames.starts.length, flaw);
  frames.starts.push(frames.end);
  frames.stops.push(stop);
  frames.lines.push(frames.line);
  frames.widths.push(record.width);
}

function advance(frames: Frames, end: number, lines: number): void {
  frames.end = end;
  frames.line += lines;
}

type Scan = 'whole' | 'more' | 'endless' | 'stray-quote' | 'unclosed-quote';

/** Follows one record. Its fields tell of the last one: they are fields, not an answer, because a million objects cost time. */
class RecordScanner {
  readonly bytes: Uint8Array;
  readonly atEnd: boolean;
  readonly limits: Limits;
  /** Where the record's text ends. */
  content = 0;
  /** Behind its line end. */
  stop = 0;
  /** Line ends within its cells. */
  breaks = 0;
  /** How many cells it has. */
  width = 1;
  /** No further than this was looked. */
  bound = 0;
  /** Whether the file goes on behind the look-ahead. */
  over = false;
  readonly #delimiter: Uint8Array;

  constructor(bytes: Uint8Array, atEnd: boolean, delimiter: Uint8Array, limits: Limits) {
    this.bytes = bytes;
    this.atEnd = atEnd;
    this.#delimiter = delimiter;
    this.limits = limits;
  }

  /** Whether the bound is the end of the file. */
  get lastOfFile(): boolean {
    return this.atEnd && !this.over;
  }

  scan(start: number): Scan {
    const bytes = this.bytes;
    const length = this.#delimiter.length;
    const lastOfDelimiter = this.#delimiter[length - 1];
    const furthest = start + this.limits.lookAhead;
    this.over = bytes.length > furthest;
    const bound = (this.bound = this.over ? furthest : bytes.length);
    this.breaks = 0;
    this.width = 1;
    let field = start;
    let index = start;
    while (index < bound) {
      const byte = bytes[index] as number;
      if (byte === lastOfDelimiter && (length === 1 || this.#delimiterAt(index + 1 - length, field))) {
        this.width++;
        field = index + 1;
      } else if (byte === lf || byte === cr) {
        return this.#endAt(index);
      } else if (byte === quote && index === field) {
        const closed = this.#closingQuote(index + 1);
        if (closed === -1) return this.over || this.atEnd ? 'unclosed-quote' : 'more';
        index = closed + 1;
        if (index < bound && bytes[index] !== lf && bytes[index] !== cr) {
          if (!this.#delimiterAt(index, index)) return this.#strayAt(index);
          this.width++;
          field = index + length;
          index = field;
        }
        continue;
      }
      index++;
    }
    if (this.over) return 'endless';
    if (!this.atEnd) return 'more';
    this.content = this.stop = bound;
    return 'whole';
  }

  #endAt(index: number): Scan {
    this.content = index;
    this.stop = nextLine(this.bytes, index, index + 1, this.atEnd);
    return this.stop === -1 ? 'more' : 'whole';
  }

  /** A quote was closed and something else than a delimiter follows; if it is on a later line, the line that is kept only shows the opening. */
  #strayAt(index: number): Scan {
    const mayYetBeDelimiter = index + this.#delimiter.length > this.bound && !this.lastOfFile;
    if (mayYetBeDelimiter && !this.over) return 'more';
    return this.breaks > 0 ? 'unclosed-quote' : 'stray-quote';
  }

  /** The index of the quote that closes the field whose text starts at `from`; -1 where none does, or it cannot be told yet. */
  #closingQuote(from: number): number {
    const { bytes, bound } = this;
    let index = from;
    while (index < bound) {
      const byte = bytes[index] as number;
      if (byte === quote) {
        if (bytes[index + 1] !== quote) return index;
        index++;
      } else if (byte === lf) {
        this.breaks++;
      } else if (byte === cr) {
        this.breaks++;
        if (bytes[index + 1] === lf) index++;
      }
      index++;
    }
    return -1;
  }

  #delimiterAt(index: number, notBefore: number): boolean {
    if (index < notBefore) return false;
    for (let at = 0; at < this.#delimiter.length; at++) if (this.bytes[index + at] !== this.#delimiter[at]) return false;
    return true;
  }
}
