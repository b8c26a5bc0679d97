import { isAscii } from 'node:buffer';
import { NotText, TooManyColumns, UnknownEncoding, UnusableDelimiter, WrongEncoding, type Dialect } from '../../ports/row-reader.ts';
import { byteOrderMark, guessEncoding, type Sample } from './guess-encoding.ts';
import { guessDelimiter, widthOfFirstRow } from './guess-delimiter.ts';
import { binaryFormat, looksBinary } from './binary.ts';
import { decode, detectedEncodings, encodingByLabel, isText, unitOf } from './encodings.ts';

/** What is judged of a file: 256 KiB at least. */
const headBytes = 256 << 10;

/** How far the file is read for a first line end, and for a first byte that is not ASCII: 4 MiB. */
const furthestBytes = 4 << 20;

/** More columns than any table of people has. */
const maxColumns = 1000;

/**
 * How a file is to be read. Judges its first 256 KiB; where these are plain ASCII, also the 256 KiB around the first byte that is
 * not, as far as 4 MiB into the file.
 *
 * @throws UnknownEncoding, UnusableDelimiter, WrongEncoding, NotText, TooManyColumns
 */
export async function detect(
  bytes: AsyncIterable<Uint8Array>,
  wanted: { readonly encoding?: string; readonly delimiter?: string },
): Promise<Dialect> {
  const wantedEncoding = wanted.encoding === undefined ? undefined : knownEncoding(wanted.encoding);
  const wantedDelimiter = wanted.delimiter === undefined ? undefined : usableDelimiter(wanted.delimiter);
  const head = await readHead(bytes);
  const format = binaryFormat(head.bytes);
  if (format !== undefined) throw new NotText(`The file is ${format.name}, not text.`, { hint: format.hint });

  const mark = byteOrderMark(head.bytes);
  const encoding = wantedEncoding ?? mark?.encoding ?? guessEncoding(head.telling);
  const bom = mark?.encoding === encoding ? mark.length : 0;
  if (wantedEncoding !== undefined) confirm(wantedEncoding, wanted.encoding as string, head, mark?.encoding);

  const text = decode(head.bytes.subarray(bom), encoding, { fatal: false, whole: head.atEnd });
  if (looksBinary(text)) {
    throw new NotText('The file is not text: it is full of control characters.', { hint: 'Save it as CSV and import that.' });
  }
  const delimiter = wantedDelimiter ?? guessDelimiter(text);
  const columns = widthOfFirstRow(text, delimiter);
  if (columns > maxColumns) throw tooManyColumns(columns, delimiter);
  return { encoding, bom, delimiter };
}

/** A file's beginning, and the part of it that tells its encoding. */
interface Head {
  readonly bytes: Buffer;
  /** Whether the file ends with it. */
  readonly atEnd: boolean;
  readonly telling: Sample;
}

async function readHead(source: AsyncIterable<Uint8Array>): Promise<Head> {
  const supply = new Supply(source);
  try {
    let bytes: Buffer = Buffer.alloc(0);
    let atEnd = false;
    let hasLine = false;
    while (!atEnd && (bytes.length < headBytes || (!hasLine && bytes.length < furthestBytes))) {
      const more = await supply.take(Math.max(headBytes, bytes.length));
      atEnd = more.atEnd;
      bytes = Buffer.concat([bytes, more.bytes]);
      hasLine ||= more.bytes.includes(0x0a) || more.bytes.includes(0x0d);
    }
    return { bytes, atEnd, telling: await tellingPart(supply, bytes, atEnd) };
  } finally {
    await supply.close();
  }
}

/** Goes on reading where all bytes so far are ASCII, as they say nothing about the encoding. */
async function tellingPart(supply: Supply, head: Buffer, headAtEnd: boolean): Promise<Sample> {
  if (headAtEnd || !isAscii(head)) return { bytes: head, whole: headAtEnd };
  for (let read = head.length; read < furthestBytes;) {
    const { bytes, atEnd } = await supply.take(headBytes);
    if (!isAscii(bytes)) {
      const rest = atEnd ? { bytes: Buffer.alloc(0), atEnd } : await supply.take(headBytes / 2);
      return { bytes: Buffer.concat([bytes, rest.bytes]), whole: rest.atEnd };
    }
    if (atEnd) break;
    read += bytes.length;
  }
  return { bytes: head, whole: true };
}

/** A source that is taken from by the byte, so that what is judged does not depend on the pieces in which it comes. */
class Supply {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** The next `size` bytes, or all there are. */
  async take(size: number): Promise<{ readonly bytes: Buffer; readonly atEnd: boolean }> {
    const chunks = [this.#left];
    let total = this.#left.length;
    let atEnd = false;
    while (total < size && !atEnd) {
      const next = await this.#iterator.next();
      if (next.done === true) {
        atEnd = true;
      } else {
        chunks.push(next.value);
        total += next.value.length;
      }
    }
    const bytes = Buffer.concat(chunks);
    this.#left = bytes.subarray(size);
    return { bytes: bytes.subarray(0, size), atEnd };
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

function knownEncoding(label: string): string {
  const encoding = encodingByLabel(label);
  if (encoding !== undefined) return encoding;
  throw new UnknownEncoding(`There is no encoding '${label}'.`, {
    hint: `Use ${detectedEncodings.slice(0, -1).join(', ')} or ${detectedEncodings.at(-1)}, or another name of the WHATWG Encoding Standard such as big5 or windows-1251; or leave it out, and it is detected.`,
  });
}

function usableDelimiter(wanted: string): string {
  const delimiter = wanted.toLowerCase() === 'tab' || wanted === '\\t' ? '\t' : wanted;
  if (isOneCharacter.test(delimiter)) return delimiter;
  throw new UnusableDelimiter(`'${wanted}' cannot separate columns.`, {
    hint: "Give one character other than a quote or a line end, or the word 'tab'; or leave it out, and it is detected.",
  });
}

const isOneCharacter = /^[^"\r\n]$/u;

/** Refuses a wish that the bytes contradict. A few broken characters in a file that looks as was wished are a matter of their rows. */
function confirm(encoding: string, label: string, head: Head, marked: string | undefined): void {
  const looksLike = marked ?? guessEncoding(head.telling);
  if (looksLike === encoding) return;
  const units = [unitOf(encoding), unitOf(looksLike)];
  const contradicted = marked !== undefined || units[0] !== units[1];
  if (!contradicted && isText(head.bytes, encoding, head.atEnd)) return;
  const at = contradicted ? 0 : firstUndecodable(head, encoding);
  const line = lineAt(decode(head.bytes.subarray(0, at), encoding, { fatal: false, whole: false }));
  throw new WrongEncoding(`Byte ${at + 1} of the file, on line ${line}, is not ${label} text: the file looks like ${looksLike}.`, {
    hint: `Leave the encoding out, and it is detected, or give ${looksLike}.`,
  });
}

/** The index of the first byte with which the head stops to be text, found by halving. */
function firstUndecodable(head: Head, encoding: string): number {
  let good = 0;
  let bad = head.bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isText(head.bytes.subarray(0, middle), encoding, false)) good = middle;
    else bad = middle;
  }
  return bad - 1;
}

function lineAt(textBefore: string): number {
  return textBefore.split(/\r\n|\n|\r/).length;
}

function tooManyColumns(columns: number, delimiter: string): TooManyColumns {
  const shown = delimiter === '\t' ? 'a tab' : `'${delimiter}'`;
  return new TooManyColumns(
    `The first row has ${columns.toLocaleString('en')} columns, separated by ${shown}; the most are ${maxColumns.toLocaleString('en')}.`,
    { hint: 'Check that the file is a table of people with a header, and name the delimiter if it is another one.' },
  );
}
