import { isAscii, isUtf8 } from 'node:buffer';
import { decode, isText } from './encodings.ts';

/** Bytes from somewhere in a file. */
export interface Sample {
  readonly bytes: Buffer;
  /** Whether the last character is whole. */
  readonly whole: boolean;
}

/** The encoding that a byte order mark at the start of the bytes names, and the mark's length. */
export function byteOrderMark(bytes: Uint8Array): { readonly encoding: string; readonly length: number } | undefined {
  return marks.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte));
}

/**
 * The encoding that bytes without a byte order mark look most like: UTF-16 by where the zero bytes stand, strict UTF-8, UTF-8 with
 * a few broken characters, GB18030 and Shift_JIS by how the text looks that they give, else Windows-1252.
 *
 * General detectors judge by the statistics of running text, and fail on a few names among ASCII addresses; here, the structure decides.
 */
export function guessEncoding(sample: Sample): string {
  const { bytes } = sample;
  const wide = guessUtf16(bytes);
  if (wide !== undefined) return wide;
  if (isAscii(bytes) || isText(bytes, 'utf-8', sample.whole) || isMostlyUtf8(bytes)) return 'utf-8';
  return guessEastAsian(linesBeyondAscii(bytes)) ?? 'windows-1252';
}

const marks = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf], length: 3 },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe], length: 2 },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff], length: 2 },
  { encoding: 'gb18030', bytes: [0x84, 0x31, 0x95, 0x33], length: 4 },
] as const;

/** In UTF-16 the zero bytes of delimiters, line ends and ASCII letters all stand on one side. */
function guessUtf16(bytes: Buffer): string | undefined {
  const pairs = bytes.length >> 1;
  let high = 0;
  let low = 0;
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    if (bytes[index] === 0) high++;
    if (bytes[index + 1] === 0) low++;
  }
  if (low > pairs * 0.03 && low > high * 8 && isText(bytes, 'utf-16le', false) && !isUtf8Text(bytes, low)) return 'utf-16le';
  if (high > pairs * 0.03 && high > low * 8 && isText(bytes, 'utf-16be', false) && !isUtf8Text(bytes, high)) return 'utf-16be';
  return undefined;
}

/** Whether the zero bytes are rather stray NUL characters in a text of single bytes. */
function isUtf8Text(bytes: Buffer, zeros: number): boolean {
  return isUtf8(bytes) && zeros < bytes.length * 0.2;
}

/** Whether broken characters are so few that the text is UTF-8 all the same. */
function isMostlyUtf8(bytes: Buffer): boolean {
  const text = decode(bytes, 'utf-8', { fatal: false, whole: false });
  const broken = count(text, /\ufffd/g);
  return broken * 4 <= count(text, /[^\0-\x7f\ufffd]/g);
}

/**
 * GB18030 or Shift_JIS. Other text read as either gives East Asian characters between Latin letters (`M黮ler`), or nothing at all. Of the two,
 * GB18030 has most of its characters where GB2312 had them (both bytes from 0xA1 on), which Shift_JIS reads as half-width katakana.
 */
function guessEastAsian(bytes: Buffer): string | undefined {
  const scores = [
    { encoding: 'gb18030', score: looksEastAsian(bytes, 'gb18030') ? shareOfGb2312(bytes) : 0 },
    { encoding: 'shift_jis', score: looksEastAsian(bytes, 'shift_jis') ? shareOfFullWidth(bytes) : 0 },
  ];
  const best = scores.reduce((one, other) => (other.score > one.score ? other : one));
  return best.score > 0 ? best.encoding : undefined;
}

function looksEastAsian(bytes: Buffer, encoding: string): boolean {
  const text = decode(bytes, encoding, { fatal: false, whole: false });
  const characters = count(text, /[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]/g);
  const strange = count(
    text,
    /[a-z][\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f\ue000-\uf8ff]|[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f\ue000-\uf8ff][a-z]/gi,
  );
  const broken = count(text, /\ufffd/g);
  return characters > 0 && (strange + broken) * 5 <= characters;
}

function shareOfGb2312(bytes: Buffer): number {
  let characters = 0;
  let common = 0;
  for (let index = 0; index < bytes.length; index++) {
    if ((bytes[index] as number) < 0x81) continue;
    characters++;
    if ((bytes[index] as number) >= 0xa1 && (bytes[index + 1] ?? 0) >= 0xa1) common++;
    index++;
  }
  return common / characters;
}

function shareOfFullWidth(bytes: Buffer): number {
  const text = decode(bytes, 'shift_jis', { fatal: false, whole: false });
  return 1 - count(text, /[\uff61-\uff9f\ue000-\uf8ff\ufffd]/g) / count(text, /[^\0-\x7f]/g);
}

/** The lines with a byte beyond ASCII, as the others say nothing. */
function linesBeyondAscii(bytes: Buffer): Buffer {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found + 1;
    const line = bytes.subarray(start, end);
    if (!isAscii(line)) lines.push(line);
    start = end;
  }
  return Buffer.concat(lines);
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
