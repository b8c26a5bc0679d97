import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodedSize, encodedSizeOfAll, encodedSizeOfAttributes } from '../../../src/domain/user-import/encoded-size.ts';

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Texts of any UTF-16 units, half surrogate pairs included, with those that are escaped more often than by chance. */
const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0xd800, max: 0xdfff }));
const text = fc.array(unit, { maxLength: 12 }).map((units) => String.fromCharCode(...units));

describe('encodedSize', () => {
  test.each([
    ['nothing', '', 2],
    ['plain text', 'Ada ~!#[]', 11],
    ['a quote', '"', 4],
    ['a backslash', '\\', 4],
    ['a delete character', '\x7f', 3],
    ['a NUL', '\0', 8],
    ['a bell', '\x07', 8],
    ['a backspace', '\b', 4],
    ['a tab', '\t', 4],
    ['a line feed', '\n', 4],
    ['a vertical tab', '\v', 8],
    ['a form feed', '\f', 4],
    ['a carriage return', '\r', 4],
    ['the control character before the space', '\x1f', 8],
    ['the first of two bytes', '\x80', 4],
    ['the last of two bytes', '\u07ff', 4],
    ['the first of three bytes', '\u0800', 5],
    ['the last before the surrogates', '\ud7ff', 5],
    ['the first after the surrogates', '\ue000', 5],
    ['the last of three bytes', '\uffff', 5],
    ['the first pair', '\ud800\udc00', 6],
    ['the last pair', '\udbff\udfff', 6],
    ['two pairs', '🎉🎉', 10],
    ['a pair and a letter', '🎉a', 7],
    ['a high half alone', '\ud800', 8],
    ['the last high half before a letter', '\udbffa', 9],
    ['a high half before a high one', '\ud800\ud800', 14],
    ['a high half before what follows the surrogates', '\ud800\ue000', 11],
    ['a low half alone', '\udc00', 8],
    ['the last low half', '\udfff', 8],
    ['a low half before a low one', '\udc00\udc00', 14],
  ])('%s', (_, given, size) => {
    expect(encodedSize(given)).toBe(size);
    expect(bytesOf(given)).toBe(size);
  });

  test('it is the length of what JSON.stringify writes, in UTF-8', () => {
    fc.assert(fc.property(text, (given) => encodedSize(given) === bytesOf(given)));
  });
});

describe('encodedSizeOfAll', () => {
  test('it counts a separator after each text', () => {
    expect(encodedSizeOfAll([])).toBe(0);
    expect(encodedSizeOfAll(['a', 'bc', ''])).toBe(4 + 5 + 3);
  });

  test('with brackets it is never less than the list as JSON', () => {
    fc.assert(fc.property(fc.array(text), (given) => encodedSizeOfAll(given) + 2 >= bytesOf(given)));
  });
});

describe('encodedSizeOfAttributes', () => {
  test('it counts names, values and punctuation', () => {
    expect(encodedSizeOfAttributes({})).toBe(2);
    expect(encodedSizeOfAttributes({ city: 'Köln' })).toBe(2 + (4 + 3) + (5 + 3));
  });

  test('it is never less than the object as JSON', () => {
    fc.assert(fc.property(fc.dictionary(text, text), (given) => encodedSizeOfAttributes(given) >= bytesOf(given)));
  });
});
