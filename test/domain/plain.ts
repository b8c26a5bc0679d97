import type { AddressSyntax } from '../../src/ports/address-syntax.ts';
import type { Codec } from '../../src/ports/codec.ts';
import type { ReadingOptions } from '../../src/ports/vocabulary.ts';

/** Takes `local@domain.tld`, and turns `ü` in it into ASCII. */
export const plainSyntax: AddressSyntax = {
  check: (raw) =>
    /^[^@\s<>]+@[^@\s<>]+\.[a-z]+$/i.test(raw)
      ? { deliverable: true, address: raw.replaceAll('ü', 'xn--ue') }
      : { deliverable: false, why: 'it has another form' },
};

export function plainCodec<T>(): Codec<T> {
  return {
    encode: (message) => JSON.stringify(message),
    decode: (text) => {
      try {
        return { ours: true, message: JSON.parse(text) as T };
      } catch {
        return { ours: false, text, why: 'it is not JSON' };
      }
    },
  };
}

/** The options of somebody who wishes for nothing. */
export const noOptions: ReadingOptions = { map: {}, keep: [], onExisting: 'skip' };
