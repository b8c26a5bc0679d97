import { isUtf8 } from 'node:buffer';

/** A file's text as UTF-8 bytes, and where in the file they come from. Places in the text are counted in its bytes, from where reading started. */
export interface Utf8Text {
  pieces(): AsyncIterable<Buffer>;
  /** The file's byte at which the text's byte `place` stands; `place` follows a line end. */
  offsetAt(place: number): number;
  /** Whether `bytes`, which stand at `place`, all came from good text. */
  isIntact(place: number, bytes: Uint8Array): boolean;
  /** Nothing before `place` will be asked about again. */
  forget(place: number): void;
}

/** A file that is UTF-8 already. */
export class PlainText implements Utf8Text {
  readonly #bytes: AsyncIterable<Uint8Array>;
  readonly #offset: number;

  /** @param offset of the first byte in the file */
  constructor(bytes: AsyncIterable<Uint8Array>, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  async *pieces(): AsyncIterable<Buffer> {
    for await (const chunk of this.#bytes) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }

  offsetAt(place: number): number {
    return this.#offset + place;
  }

  isIntact(_place: number, bytes: Uint8Array): boolean {
    return isUtf8(bytes);
  }

  /** Nothing is kept. */
  forget(): void {}
}
