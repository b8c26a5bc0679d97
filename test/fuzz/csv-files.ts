import fc from 'fast-check';
import iconv from 'iconv-lite';
import { defaultLimits, type Limits } from '../../src/adapters/csv/limits.ts';
import type { Dialect } from '../../src/ports/row-reader.ts';
import { smallLimits, smallStretches } from '../adapters/csv/reading.ts';

/** A file as people have it, or as it comes out of an accident. */
export interface CsvFile {
  readonly bytes: Buffer;
  /** How it was written, and so how it is to be read. */
  readonly dialect: Dialect;
}

/** How bytes are read: in which pieces they come, and with which limits. */
export interface Circumstances {
  /** Pieces of one size (1: cut at every byte), or cuts at places. */
  readonly cuts: readonly number[] | number;
  readonly limits: Limits;
}

/** Sizes between the tiny and the real ones: several rows fit into a block, and a large cell is larger than a record may be. */
const middlingLimits: Limits = { window: 32, block: 64, piece: 32, record: 400, lookAhead: 1600, flawedCells: 100 };

/** Sizes so large that a file is read in one piece; what counts as too large stays. */
export function inOnePiece(limits: Limits): Limits {
  const { window, block, piece } = defaultLimits;
  return { ...limits, window, block, piece };
}

export const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  cuts: fc.oneof(fc.constantFrom(1, 1, 2, 3, 7, 64), fc.array(fc.nat({ max: 400 }), { maxLength: 8, size: 'max' })),
  limits: fc.constantFrom(smallStretches, smallLimits, middlingLimits),
});

/** What breaks readers, in every order: quotes, line ends, delimiters in other roles, characters of every width. */
export const fragment = fc.constantFrom(
  ...['"', '""', '"', '"a"', '"x\ny"', '"x\r\ny'],
  ...['\n', '\r', '\r\n', '\n\n', ',', ',', ';', '\t', '|', ' '],
  ...['a', 'bc', 'é', '王', '😀', '\0', '\ufffd', '\ufeff', '\u2028', '=1+1', '@'],
);

/** Fragments in any order. */
export const anyText = fc.array(fragment, { maxLength: 100, size: 'max' }).map((parts) => parts.join(''));

const name = fc.constantFrom('Ann', 'Ann', 'Bo', '王小明', 'Zoë "Z" Müller', 'O’Hara, Jr.', 'two\nlines', '');

const address = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 30 }).map((number) => `user${number}@example.net`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('Ann@Example.com', 'Bo <bo@example.org>', 'jörg@exämple.com', 'zoe@exämple.com', 'no address', ' '),
  },
);

const anyCell = fc.oneof(
  name,
  address,
  fc.array(fragment, { maxLength: 4 }).map((parts) => parts.join('')),
);

/** A cell that is more than some limits take, or just not. */
const largeCell = fc
  .tuple(fc.constantFrom('x', '王', '"', ' ', 'a line of many\n'), fc.constantFrom(30, 90, 110, 390, 400, 410, 1600, 2000))
  .map(([of, bytes]) => of.repeat(Math.floor(bytes / Buffer.byteLength(of))));

/** How a cell is written: as it must be, in quotes although it need not, or just as it stands, which breaks the row. */
const writing = fc.constantFrom('needed', 'needed', 'needed', 'needed', 'quoted', 'quoted', 'raw');

/** A row like the header, or one of any width. */
const cells: fc.Arbitrary<readonly (readonly [string, string])[]> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.tuple(name, writing), fc.tuple(address, writing), fc.tuple(anyCell, writing)) },
  { weight: 1, arbitrary: fc.array(fc.tuple(anyCell, writing), { maxLength: 5 }) },
);

/** A row, which may take several lines, and its line end with blank lines behind it. */
const line = fc.record({
  cells,
  end: fc.constantFrom('\n', '\n', '\r\n', '\r\n', '\r', '\n\n', ' \n', '\r\n\r\n'),
});

const headers = [
  ['name', 'email', 'note'],
  ['Full Name', 'E-Mail', 'x', 'x'],
  ['姓名', '邮箱', ''],
  ['first name', 'mail', 'last name'],
];

/** Something that befalls the bytes at a place. */
const accident = fc.record({
  at: fc.nat({ max: 1 << 16 }),
  kind: fc.oneof(
    fc.constantFrom('lost' as const),
    fc.constantFrom(
      ...[[0x00], [0xff], [0xc3], [0xe7, 0x8e], [0x81], [0x22], [0x0d], [0x0a], [0xd8, 0x00]].map((bytes) => Buffer.from(bytes)),
    ),
  ),
});

const encodings = ['utf-8', 'utf-8', 'utf-16le', 'utf-16be', 'gb18030', 'shift_jis', 'windows-1252'];
const marked = new Set(['utf-8', 'utf-16le', 'utf-16be', 'gb18030']);

/** Files of people with a header or without, in every encoding, sound and damaged, whole and cut short anywhere. */
export const csvFiles: fc.Arbitrary<CsvFile> = fc
  .record({
    encoding: fc.constantFrom(...encodings),
    withMark: fc.boolean(),
    delimiter: fc.constantFrom(',', ',', ',', ',', ',', ';', ';', '\t', '|', '王'),
    header: fc.option(fc.constantFrom(...headers), { freq: 8 }),
    lines: fc.array(line, { maxLength: 12, size: 'max' }),
    large: sometimes(fc.record({ text: largeCell, how: writing, at: fc.nat({ max: 11 }), leads: fc.boolean() })),
    loose: fc.array(fragment, { maxLength: 12 }),
    accidents: sometimes(fc.array(accident, { minLength: 1, maxLength: 4 })),
    cutAt: sometimes(fc.nat({ max: 1 << 16 })),
  })
  .map(({ encoding, withMark, delimiter, header, lines, large, loose, accidents = [], cutAt }) => {
    const rows = lines.map(({ cells, end }) => cells.map(([text, how]) => written(text, how, delimiter)).join(delimiter) + end);
    if (large) {
      const cell = written(large.text, large.how, delimiter);
      rows.splice(large.at, 0, `${(large.leads ? [cell, 'ann@example.com'] : ['ann@example.com', cell]).join(delimiter)}\n`);
    }
    const text = [header ? `${header.join(delimiter)}\r\n` : '', ...rows, ...loose].join('');
    const mark = withMark && marked.has(encoding) ? iconv.encode('\ufeff', encoding) : Buffer.alloc(0);
    let bytes: Buffer = iconv.encode(text, encoding);
    for (const { at, kind } of accidents) bytes = befallen(bytes, at % (bytes.length + 1), kind);
    if (cutAt !== undefined) bytes = bytes.subarray(0, cutAt % (bytes.length + 1));
    return { bytes: Buffer.concat([mark, bytes]), dialect: { encoding, bom: mark.length, delimiter } };
  });

/** A cell as it stands in a file. */
export function written(text: string, how: string, delimiter: string): string {
  const needsQuotes = /["\r\n]/.test(text) || text.includes(delimiter);
  return how === 'quoted' || (how === 'needed' && needsQuotes) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A value in one case of four. */
function sometimes<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

function befallen(bytes: Buffer, at: number, kind: Buffer | 'lost'): Buffer {
  return kind === 'lost'
    ? Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
    : Buffer.concat([bytes.subarray(0, at), kind, bytes.subarray(at)]);
}
