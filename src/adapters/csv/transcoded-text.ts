import { decode, isText, unitOf } from './encodings.ts';
import type { Limits } from './limits.ts';
import type { Utf8Text } from './utf8-text.ts';

const lf = 0x0a;
const cr = 0x0d;

/** A file in another encoding, decoded piece by piece. */
export class TranscodedText implements Utf8Text {
  readonly #bytes: AsyncIterable<Uint8Array>;
  readonly #encoding: string;
  readonly #unit: 1 | 2;
  readonly #limits: Limits;
  #offset: number;
  #place = 0;
  /** The pieces that may still be asked about, oldest first. */
  #kept: Piece[] = [];

  /** @param offset of the first byte in the file */
  constructor(bytes: AsyncIterable<Uint8Array>, offset: number, encoding: string, limits: Limits) {
    this.#limits = limits;
    this.#bytes = bytes;
    this.#offset = offset;
    this.#encoding = encoding;
    this.#unit = unitOf(encoding);
  }

  async *pieces(): AsyncIterable<Buffer> {
    let waiting: Uint8Array[] = [];
    let size = 0;
    let wanted = this.#limits.piece;
    for await (const chunk of this.#bytes) {
      waiting.push(chunk);
      size += chunk.length;
      if (size < wanted) continue;
      const source = Buffer.concat(waiting);
      const cut = this.#cutOf(source);
      if (cut > 0) yield this.#piece(source.subarray(0, cut));
      waiting = [source.subarray(cut)];
      size = source.length - cut;
      wanted = Math.max(this.#limits.piece, 2 * size);
    }
    if (size > 0) yield this.#piece(Buffer.concat(waiting));
  }

  /** Both text and file have the same line ends, so a place behind a line end is found by counting them. */
  offsetAt(place: number): number {
    const piece = this.#kept.find((kept) => place < kept.end);
    if (piece === undefined) return this.#offset;
    let line = 0;
    for (let index = 0; index < place - piece.place; index++) if (isLineEnd(piece.text[index])) line++;
    return piece.offset + this.#behindLineEnd(piece.source, line);
  }

  isIntact(place: number, bytes: Uint8Array): boolean {
    const end = place + bytes.length;
    return !this.#kept.some((piece) => piece.damaged.some((range) => range.start < end && range.end > place));
  }

  forget(place: number): void {
    this.#kept = this.#kept.filter((piece) => place < piece.end);
  }

  #piece(source: Buffer): Buffer {
    const { text, damaged } = isText(source, this.#encoding, true) ? this.#soundText(source) : this.#damagedText(source);
    const end = this.#place + text.length;
    const shifted = damaged.map((range) => ({ start: range.start + this.#place, end: range.end + this.#place }));
    this.#kept.push({ place: this.#place, end, offset: this.#offset, source, text, damaged: shifted });
    this.#place = end;
    this.#offset += source.length;
    return text;
  }

  #soundText(source: Buffer): Decoded {
    return { text: Buffer.from(decode(source, this.#encoding, { fatal: true, whole: true })), damaged: [] };
  }

  /** Decodes line by line; its ends are kept apart, so that a broken character never takes one with it. */
  #damagedText(source: Buffer): Decoded {
    const parts: Buffer[] = [];
    const damaged: Range[] = [];
    let size = 0;
    for (let start = 0; start < source.length;) {
      const end = this.#lineEnd(source, start);
      const line = source.subarray(start, end);
      const text = Buffer.from(decode(line, this.#encoding, { fatal: false, whole: true }));
      if (!isText(line, this.#encoding, true)) damaged.push({ start: size, end: size + text.length });
      const stop = Math.min(end + this.#unit, source.length);
      const lineEnd = end < source.length ? Buffer.of(this.#unitAt(source, end)) : Buffer.alloc(0);
      parts.push(text, lineEnd);
      size += text.length + lineEnd.length;
      start = stop;
    }
    return { text: Buffer.concat(parts), damaged };
  }

  /** Where to cut: behind the last line end; in a longer line behind a character that is never the tail of another one. */
  #cutOf(source: Buffer): number {
    const unit = this.#unit;
    const whole = source.length - (source.length % unit);
    for (let index = whole - unit; index >= 0; index -= unit) if (isLineEnd(this.#unitAt(source, index))) return index + unit;
    // Tail bytes start at 0x30 in GB18030 and above in every other encoding.
    for (let index = whole - unit; index >= 0; index -= unit) if (this.#unitAt(source, index) < 0x30) return index + unit;
    // A line of this length is too large whatever is in it, so it may be cut anywhere.
    return source.length > this.#limits.lookAhead ? whole : 0;
  }

  /** The index of the line end at or after `from`, or of the end. */
  #lineEnd(source: Buffer, from: number): number {
    let index = from;
    while (index + this.#unit <= source.length && !isLineEnd(this.#unitAt(source, index))) index += this.#unit;
    return index + this.#unit <= source.length ? index : source.length;
  }

  /** The index behind the line end of the given number, counted from 1. */
  #behindLineEnd(source: Buffer, line: number): number {
    let index = 0;
    for (let left = line; left > 0; left--) index = this.#lineEnd(source, index) + this.#unit;
    return index;
  }

  #unitAt(source: Buffer, index: number): number {
    if (this.#unit === 1) return source[index] as number;
    return this.#encoding === 'utf-16le' ? source.readUInt16LE(index) : source.readUInt16BE(index);
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Decoded {
  readonly text: Buffer;
  readonly damaged: readonly Range[];
}

interface Piece extends Decoded {
  /** In the text. */
  readonly place: number;
  readonly end: number;
  /** In the file. */
  readonly offset: number;
  readonly source: Buffer;
}

function isLineEnd(unit: number | undefined): boolean {
  return unit === lf || unit === cr;
}
