import { describe, expect, test } from '@jest/globals';
import { CsvRowReader } from '../../../src/adapters/csv/row-reader.ts';
import { readAll, smallLimits, utf8 } from './reading.ts';

const reader = new CsvRowReader();

async function read(text: string | Buffer): Promise<unknown[]> {
  const { rows } = await readAll(reader, Buffer.from(text), utf8);
  return rows.map(({ line, cells, flaw }) => [line, cells.map((cell) => (cell.length > 50 ? `${cell.length}` : cell)), flaw ?? '']);
}

describe('a broken quote costs its line alone', () => {
  test.each([
    [
      'a character behind a closing quote',
      'a,b\n"x"y,z\nc,d\n',
      [
        [1, ['a', 'b'], ''],
        [2, ['"x"y', 'z'], 'stray-quote'],
        [3, ['c', 'd'], ''],
      ],
    ],
    [
      'sound cells around it',
      '"p, q","x"y,"r ""s"""\nc,d',
      [
        [1, ['p, q', '"x"y', 'r "s"'], 'stray-quote'],
        [2, ['c', 'd'], ''],
      ],
    ],
    [
      'a quote that the next row closes',
      'a,"b\nc,"d"\ne,f\n',
      [
        [1, ['a', '"b'], 'unclosed-quote'],
        [2, ['c', 'd'], ''],
        [3, ['e', 'f'], ''],
      ],
    ],
    [
      'a quote that the file leaves open',
      'a,b\n"c,d\ne,f\n',
      [
        [1, ['a', 'b'], ''],
        [2, ['"c', 'd'], 'unclosed-quote'],
        [3, ['e', 'f'], ''],
      ],
    ],
    [
      'a quote before a NUL',
      '"a"\0,b\nc,d\n',
      [
        [1, ['"a"\0', 'b'], 'stray-quote'],
        [2, ['c', 'd'], ''],
      ],
    ],
    [
      'a file cut short inside a quote',
      'a,b\nc,"d',
      [
        [1, ['a', 'b'], ''],
        [2, ['c', '"d'], 'unclosed-quote'],
      ],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await read(text)).toStrictEqual(expected);
  });

  test('a quote within an unquoted cell is a character', async () => {
    expect(await read('5" pipe,a"b"\n')).toStrictEqual([[1, ['5" pipe', 'a"b"'], '']]);
  });

  test('a quote that is not closed within 8 MiB', async () => {
    const rows = 'someone,someone@example.com\n'.repeat(400_000);
    const { rows: found } = await readAll(reader, Buffer.from(`a,"b\n${rows}`), utf8, 1 << 16);
    expect(found.length).toBe(400_001);
    expect(found[0]).toStrictEqual({ ordinal: 0, line: 1, cells: ['a', '"b'], flaw: 'unclosed-quote' });
    expect(found.at(-1)).toStrictEqual({ ordinal: 400_000, line: 400_001, cells: ['someone', 'someone@example.com'] });
  });
});

describe('a row that is too large', () => {
  const mebibyte = 1 << 20;

  test('of 1 MiB is a row yet, a byte more is not, and the next row is read', async () => {
    expect(await read(`${'x'.repeat(mebibyte)}\na,b\n`)).toStrictEqual([
      [1, [`${mebibyte}`], ''],
      [2, ['a', 'b'], ''],
    ]);
    expect(await read(`${'x'.repeat(mebibyte + 1)}\na,b\n`)).toStrictEqual([
      [1, ['65536'], 'row-too-large'],
      [2, ['a', 'b'], ''],
    ]);
  });

  test('with line ends in quotes is one row', async () => {
    expect(await read(`"${'x\n'.repeat(mebibyte)}",y\na,b\n`)).toStrictEqual([
      [1, ['65536'], 'row-too-large'],
      [mebibyte + 2, ['a', 'b'], ''],
    ]);
  });

  test.each(['\n', '\r\n', '\r'])('without an end for 30 MiB is one row, dropped as it is read, up to %j', async (lineEnd) => {
    async function* bytes(): AsyncIterable<Uint8Array> {
      const chunk = Buffer.alloc(mebibyte, 'x');
      for (let count = 0; count < 30; count++) yield await Promise.resolve(chunk);
      for (const character of `${lineEnd}a,b${lineEnd}`) yield Buffer.from(character);
    }
    const rows = [];
    for await (const block of reader.read(bytes(), utf8))
      rows.push(...block.rows.map((row) => [row.line, row.cells.join().length, row.flaw]));
    expect(rows).toStrictEqual([
      [1, 64 << 10, 'row-too-large'],
      [2, 3, undefined],
    ]);
  });
});

describe('a row that begins with more blanks than are kept of a broken one', () => {
  const most = smallLimits.flawedCells;

  test.each([
    ['is too large', `${' '.repeat(smallLimits.record)}x,y`, 'row-too-large'],
    ['is too large, and its line goes on behind the look-ahead', `${' '.repeat(smallLimits.lookAhead)}x,y`, 'row-too-large'],
    ['goes on blank behind the look-ahead, so that nobody knows its end', ' '.repeat(smallLimits.lookAhead + 1), 'row-too-large'],
    ['has a broken quote', `${' '.repeat(most)},"x"y`, 'stray-quote'],
    ['opens a quote', `${' '.repeat(most)},"x`, 'unclosed-quote'],
  ])('is a row where it %s', async (_, row, flaw) => {
    const { rows } = await readAll(new CsvRowReader(smallLimits), Buffer.from(`a,b\n${row}\nc,d\n`), utf8);
    expect(rows).toStrictEqual([
      { ordinal: 0, line: 1, cells: ['a', 'b'] },
      { ordinal: 1, line: 2, cells: [' '.repeat(most)], flaw },
      { ordinal: 2, line: 3, cells: ['c', 'd'] },
    ]);
  });

  test('is none where it is blank to its end', async () => {
    const { rows } = await readAll(new CsvRowReader(smallLimits), Buffer.from(`a\n${' '.repeat(smallLimits.lookAhead - 1)}\nc`), utf8);
    expect(rows.map(({ line, cells }) => [line, cells])).toStrictEqual([
      [1, ['a']],
      [3, ['c']],
    ]);
  });
});

test.each([-2, -1, 0, 1, 2])('a record of the look-ahead and %i bytes is the same wherever the bytes are split', async (more) => {
  const small = new CsvRowReader(smallLimits);
  const content = 'x'.repeat(smallLimits.lookAhead + more - 2);
  for (const after of ['', '\na,b\n']) {
    const bytes = Buffer.from(`"${content}"${after}`);
    const flaw = more > 0 || (more === 0 && after !== '') ? expect.stringMatching(/unclosed-quote|row-too-large/) : 'row-too-large';
    for (let cut = 0; cut < bytes.length; cut++) {
      const { rows } = await readAll(small, bytes, utf8, [cut]);
      expect(rows.map((row) => row.flaw)).toStrictEqual(after === '' ? [flaw] : [flaw, undefined]);
      expect(rows).toStrictEqual((await readAll(small, bytes, utf8)).rows);
    }
  }
});

describe('bytes that are no text', () => {
  test('make their row a flawed one, and no other', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\nc,'), Buffer.of(0xff), Buffer.from('\né,\ufffd\n')]);
    expect(await read(bytes)).toStrictEqual([
      [1, ['a', 'b'], ''],
      [2, ['c', '\ufffd'], 'undecodable-bytes'],
      [3, ['é', '\ufffd'], ''],
    ]);
  });

  test('are told from the same characters in the file, in Shift_JIS too', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\nc,'), Buffer.of(0x81), Buffer.from('\nd,e\n')]);
    const { rows } = await readAll(reader, bytes, { ...utf8, encoding: 'shift_jis' });
    expect(rows.map((row) => [row.cells, row.flaw])).toStrictEqual([
      [['a', 'b'], undefined],
      [['c', '\ufffd'], 'undecodable-bytes'],
      [['d', 'e'], undefined],
    ]);
  });
});

describe('NUL bytes', () => {
  test('make their row a flawed one, and no other, wherever they stand', async () => {
    expect(await read(Buffer.from('a,b\n\0c,d\ne,f\ng,h,\0\n"i\0",j\nk,l'))).toStrictEqual([
      [1, ['a', 'b'], ''],
      [2, ['\0c', 'd'], 'nul-byte'],
      [3, ['e', 'f'], ''],
      [4, ['g', 'h', '\0'], 'nul-byte'],
      [5, ['i\0', 'j'], 'nul-byte'],
      [6, ['k', 'l'], ''],
    ]);
  });
});

describe('blank lines and empty cells', () => {
  test.each([
    [
      'a,b\n\n  \n\t\nc,d\n',
      [
        [1, ['a', 'b'], ''],
        [5, ['c', 'd'], ''],
      ],
    ],
    [',,\n', [[1, ['', '', ''], '']]],
    ['""\n', [[1, [''], '']]],
    [
      'a\n\u3000\u00a0\nb',
      [
        [1, ['a'], ''],
        [3, ['b'], ''],
      ],
    ],
    [
      'a,b,c\nd\ne,f,g,h\n',
      [
        [1, ['a', 'b', 'c'], ''],
        [2, ['d'], ''],
        [3, ['e', 'f', 'g', 'h'], ''],
      ],
    ],
  ])('%j', async (text, expected) => {
    expect(await read(text)).toStrictEqual(expected);
  });
});

test('positions come at least every 256 KiB, in any encoding', async () => {
  const text = Array.from({ length: 40_000 }, (_, index) => `"Person\n${index}",person${index}@example.com\n`).join('');
  for (const [encoding, bytes] of [
    ['utf-8', Buffer.from(text)],
    ['utf-16le', Buffer.from(text, 'utf16le')],
  ] as const) {
    const { positions } = await readAll(reader, bytes, { ...utf8, encoding }, 1 << 20);
    const offsets = [0, ...positions.map((position) => position.offset)];
    expect(Math.max(...offsets.slice(1).map((offset, index) => offset - (offsets[index] as number)))).toBeLessThanOrEqual(256 << 10);
    expect(offsets.at(-1)).toBe(bytes.length);
  }
});
