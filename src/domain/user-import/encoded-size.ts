import type { Attributes } from '../../ports/vocabulary.ts';

/** Nothing that JSON escapes or UTF-8 writes in more than one byte. */
const plain = /^[ !#-[\]-~]*$/;

/** Bytes of a text as a JSON string in UTF-8, quotes included (RFC 8259, section 7; escapes as ECMAScript's JSON.stringify writes them). */
export function encodedSize(text: string): number {
  if (plain.test(text)) return text.length + 2;
  let bytes = 2;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += asciiSize(unit);
    else if (unit < 0x800) bytes += 2;
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3;
    else if (unit < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else bytes += 6;
  }
  return bytes;
}

/** Bytes of all the texts, each with its separator. */
export function encodedSizeOfAll(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += encodedSize(text) + 1;
  return bytes;
}

/** Bytes of attributes as a JSON object. */
export function encodedSizeOfAttributes(attributes: Attributes): number {
  return encodedSizeOfAll(Object.entries(attributes).flat()) + 2;
}

function asciiSize(unit: number): number {
  if (unit === 0x22 || unit === 0x5c) return 2;
  if (unit >= 0x20) return 1;
  const short = unit === 0x08 || unit === 0x09 || unit === 0x0a || unit === 0x0c || unit === 0x0d;
  return short ? 2 : 6;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
