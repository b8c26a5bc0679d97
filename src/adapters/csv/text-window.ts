import type { Utf8Text } from './utf8-text.ts';

/** The stretch of a text that is being read. Its size follows the longest record, never the file. */
export class TextWindow {
  bytes: Buffer = Buffer.alloc(0);
  /** Of the first byte, in the text. */
  place = 0;
  /** Whether the text ends with the window. */
  atEnd = false;
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #least: number;

  /** @param least how many bytes it grows to, where the text has them */
  constructor(text: Utf8Text, least: number) {
    this.#least = least;
    this.#pieces = text.pieces()[Symbol.asyncIterator]();
  }

  /** Takes in more text, and twice as much as there was: a long record is looked at again only so often. */
  async grow(): Promise<void> {
    const wanted = Math.max(this.#least, 2 * this.bytes.length);
    const parts = this.bytes.length > 0 ? [this.bytes] : [];
    let size = this.bytes.length;
    while (size < wanted && !this.atEnd) {
      const next = await this.#pieces.next();
      if (next.done === true) {
        this.atEnd = true;
      } else {
        parts.push(next.value);
        size += next.value.length;
      }
    }
    this.bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size);
  }

  /** Leaves out the first `count` bytes. */
  drop(count: number): void {
    this.bytes = this.bytes.subarray(count);
    this.place += count;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
