import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Codec } from '../../src/ports/codec.ts';

/** What a codec is tried with. */
export interface CodecSubject<T> {
  readonly codec: Codec<T>;
  /** Any valid message. */
  readonly messages: fc.Arbitrary<T>;
  /** Texts of other kinds of message. */
  readonly foreign: readonly string[];
}

/** What every codec promises: a message comes back as it was, and no text makes it throw. */
export function codecContract<T>(label: string, subject: () => CodecSubject<T>): void {
  describe(`${label} as a Codec`, () => {
    const { codec, messages, foreign } = subject();

    test('gives every message back as it was', () => {
      fc.assert(
        fc.property(messages, (message) => {
          expect(codec.decode(codec.encode(message))).toStrictEqual({ ours: true, message });
        }),
      );
    });

    test('encodes to text that survives UTF-8', () => {
      fc.assert(
        fc.property(messages, (message) => {
          const text = codec.encode(message);
          expect(Buffer.from(text, 'utf8').toString('utf8')).toBe(text);
        }),
      );
    });

    test('never throws, and answers with the text and a reason where it is not a message', () => {
      const anything = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.json(),
        fc.constantFrom('', 'null', '[]', '{}', '['.repeat(200_000), '{"a":'.repeat(200_000)),
      );
      fc.assert(
        fc.property(anything, (text) => {
          const decoded = codec.decode(text);
          expect(decoded).toEqual({ ours: false, text, why: expect.stringMatching(/\S/) });
        }),
      );
    });

    test('takes no part of a message for a message', () => {
      fc.assert(
        fc.property(messages, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (message, share) => {
          const text = codec.encode(message);
          expect(codec.decode(text.slice(0, Math.floor(text.length * share))).ours).toBe(false);
        }),
      );
    });

    test.each(foreign)('takes no other kind of message: %s', (text) => {
      expect(codec.decode(text)).toEqual({ ours: false, text, why: expect.stringMatching(/\S/) });
    });
  });
}
