import type { Dialect, Position, Row, RowBlock, RowFlaw, RowReader } from '../../ports/row-reader.ts';
import { cellsOf, cutCells } from './cells.ts';
import { detect } from './detect.ts';
import { frame, nextLine, type Frames } from './framing.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { TextWindow } from './text-window.ts';
import { TranscodedText } from './transcoded-text.ts';
import { PlainText, type Utf8Text } from './utf8-text.ts';

/** Reads CSV (RFC 4180) as people really have it, in the encodings of the WHATWG Encoding Standard. csv-parse parses the fields. */
export class CsvRowReader implements RowReader {
  readonly #limits: Limits;

  constructor(limits: Limits = defaultLimits) {
    this.#limits = limits;
  }

  detect(bytes: AsyncIterable<Uint8Array>, wanted: { readonly encoding?: string; readonly delimiter?: string }): Promise<Dialect> {
    return detect(bytes, wanted);
  }

  async *read(bytes: AsyncIterable<Uint8Array>, dialect: Dialect, from?: Position): AsyncIterable<RowBlock> {
    const source = from === undefined && dialect.bom > 0 ? withoutFirst(bytes, dialect.bom) : bytes;
    const offset = from?.offset ?? dialect.bom;
    const text =
      dialect.encoding === 'utf-8' ? new PlainText(source, offset) : new TranscodedText(source, offset, dialect.encoding, this.#limits);
    const blocks = new Blocks(text, dialect.delimiter, from, this.#limits);
    try {
      yield* blocks.all();
    } finally {
      await blocks.close();
    }
  }
}

/** One reading of a text. */
class Blocks {
  readonly #limits: Limits;
  readonly #text: Utf8Text;
  readonly #window: TextWindow;
  readonly #delimiter: string;
  readonly #delimiterBytes: Buffer;
  #ordinal: number;
  #line: number;

  constructor(text: Utf8Text, delimiter: string, from: Position | undefined, limits: Limits) {
    this.#limits = limits;
    this.#text = text;
    this.#window = new TextWindow(text, limits.window);
    this.#delimiter = delimiter;
    this.#delimiterBytes = Buffer.from(delimiter);
    this.#ordinal = from?.ordinal ?? 0;
    this.#line = from?.line ?? 1;
  }

  async *all(): AsyncGenerator<RowBlock> {
    const window = this.#window;
    while (!window.atEnd) {
      await window.grow();
      for (let next: Frames['next'] = 'on'; next === 'on';) {
        const frames = frame(window.bytes, this.#line, window.atEnd, this.#delimiterBytes, this.#limits);
        const rows = this.#rows(frames);
        next = frames.next;
        this.#line = frames.line;
        window.drop(frames.end);
        this.#text.forget(window.place);
        if (rows.length > 0) yield next === 'skip' ? { rows } : { rows, position: this.#position() };
        if (next === 'skip') next = await this.#skipLine();
      }
    }
  }

  close(): Promise<void> {
    return this.#window.close();
  }

  /** Drops what is left of a line that is too long to be kept. */
  async #skipLine(): Promise<'on' | 'more'> {
    const window = this.#window;
    for (;;) {
      const found = nextLine(window.bytes, 0, window.bytes.length, window.atEnd);
      if (found !== -1) {
        window.drop(found);
        this.#line++;
        return 'on';
      }
      const endsInCarriageReturn = window.bytes.at(-1) === 0x0d;
      window.drop(window.bytes.length - (endsInCarriageReturn ? 1 : 0));
      this.#text.forget(window.place);
      if (window.atEnd) return 'more';
      await window.grow();
    }
  }

  #position(): Position {
    return { offset: this.#text.offsetAt(this.#window.place), ordinal: this.#ordinal, line: this.#line };
  }

  #rows(frames: Frames): Row[] {
    const { bytes, place } = this.#window;
    const cells = cellsOf(bytes, frames, this.#delimiter, this.#limits.flawedCells);
    const intact = this.#text.isIntact(place, bytes.subarray(0, frames.end));
    const simple = intact && frames.flaws.size === 0 && !holdsNul(bytes, 0, frames.end);
    const rows: Row[] = [];
    for (let index = 0; index < cells.length; index++) {
      const own = cells[index] as string[];
      const start = frames.starts[index] as number;
      if (own.length === 1 && bytes[start] !== 0x22 && (own[0] as string).trim() === '' && this.#isBlank(frames, index)) continue;
      const line = frames.lines[index] as number;
      const flaw = simple ? undefined : (frames.flaws.get(index) ?? this.#damage(start, frames.stops[index] as number));
      if (flaw === undefined) rows.push({ ordinal: this.#ordinal++, line, cells: own });
      else rows.push({ ordinal: this.#ordinal++, line, cells: cutCells(own, this.#limits.flawedCells), flaw });
    }
    return rows;
  }

  /** Whether a record is blank, given that its cells are. Those of a broken one are cut, so they say nothing of what is behind. */
  #isBlank(frames: Frames, index: number): boolean {
    if (!frames.flaws.has(index)) return true;
    const goesOn = frames.next === 'skip' && index === frames.starts.length - 1;
    return !goesOn && this.#window.bytes.toString('utf8', frames.starts[index], frames.stops[index]).trim() === '';
  }

  #damage(start: number, stop: number): RowFlaw | undefined {
    const { bytes, place } = this.#window;
    if (!this.#text.isIntact(place + start, bytes.subarray(start, stop))) return 'undecodable-bytes';
    return holdsNul(bytes, start, stop) ? 'nul-byte' : undefined;
  }
}

function holdsNul(bytes: Buffer, start: number, stop: number): boolean {
  return bytes.subarray(start, stop).includes(0);
}

async function* withoutFirst(bytes: AsyncIterable<Uint8Array>, count: number): AsyncIterable<Uint8Array> {
  let left = count;
  for await (const chunk of bytes) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
