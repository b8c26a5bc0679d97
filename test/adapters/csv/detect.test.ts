import { describe, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { CsvRowReader } from '../../../src/adapters/csv/row-reader.ts';
import type { Dialect } from '../../../src/ports/row-reader.ts';
import { PortError } from '../../../src/ports/vocabulary.ts';
import { cellsOfText, stream } from './reading.ts';

const reader = new CsvRowReader();
const ascii = 'Anna,anna@example.com\n';

function detect(bytes: Uint8Array | string, wanted: { encoding?: string; delimiter?: string } = {}): Promise<Dialect> {
  return reader.detect(stream(Buffer.from(bytes), 1 << 16), wanted);
}

async function refusal(bytes: Uint8Array | string, wanted: { encoding?: string; delimiter?: string } = {}): Promise<unknown> {
  try {
    return await detect(bytes, wanted);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return [error.code, error.message, error.hint];
  }
}

describe('the encoding', () => {
  const texts: Record<string, readonly string[]> = {
    'utf-8': ['王小明,a@example.com\n', 'José,a@example.com\n', '山田,a@example.com\n'],
    'utf-16le': ['王小明,a@example.com\n', 'Anna,a@example.com\n'],
    'utf-16be': ['王小明,a@example.com\n', 'Anna,a@example.com\n'],
    gb18030: ['王小明,a@example.com\n', '姓名,邮箱\n李雷,a@example.com\n', '上海市浦东新区,a@example.com\n'],
    shift_jis: ['山田太郎,a@example.com\n', '氏名,メール\n佐藤花子,a@example.com\n', 'タナカ,a@example.com\n'],
    'windows-1252': ['José,a@example.com\n', 'Jürgen Groß,a@example.com\n', 'Zoë O’Brien,a@example.com\n', 'MÜLLER;5 €\n', 'Señor – x,b\n'],
  };
  const cases = Object.entries(texts).flatMap(([encoding, samples]) => samples.map((sample) => ({ encoding, sample })));

  test.each(cases)('$encoding is told from $sample', async ({ encoding, sample }) => {
    const bytes = iconv.encode(`name,email\n${sample}`, encoding);
    const dialect = await detect(bytes);
    expect(dialect).toMatchObject({ encoding, bom: 0 });
    expect((await cellsOfText(reader, bytes, dialect)).flat().join()).toContain(sample.split(/[,;]/)[0]);
  });

  test.each(cases.filter(({ encoding }) => !encoding.startsWith('utf-16')))(
    '$encoding is told behind 1 MiB of ASCII from $sample',
    async ({ encoding, sample }) => {
      const bytes = Buffer.concat([Buffer.from(ascii.repeat(50_000)), iconv.encode(sample, encoding), Buffer.from(ascii.repeat(50_000))]);
      expect((await detect(bytes)).encoding).toBe(encoding);
    },
  );

  test.each([
    ['utf-8', 3],
    ['utf-16le', 2],
    ['utf-16be', 2],
  ])('a byte order mark of %s decides, and is left out of the rows', async (encoding, bom) => {
    const bytes = iconv.encode('\ufeffname,email\n', encoding);
    const dialect = await detect(bytes);
    expect(dialect).toStrictEqual({ encoding, bom, delimiter: ',' });
    expect(await cellsOfText(reader, bytes, dialect)).toStrictEqual([['name', 'email']]);
  });

  test('a broken character or two leave a UTF-8 file what it is', async () => {
    const bytes = Buffer.concat([Buffer.from('name\n王小明\n李雷\n'), Buffer.of(0xff, 0x0a)]);
    expect((await detect(bytes)).encoding).toBe('utf-8');
    expect((await detect(bytes, { encoding: 'utf-8' })).encoding).toBe('utf-8');
  });

  test('NUL characters do not make a text UTF-16', async () => {
    expect((await detect('name,email\nAn\0na,a@example.com\n\0Bob,b@example.com\n')).encoding).toBe('utf-8');
  });

  test.each([
    ['GBK', 'gb18030'],
    ['gb2312', 'gb18030'],
    ['cp932', 'shift_jis'],
    ['latin1', 'windows-1252'],
    ['UTF-16', 'utf-16le'],
    ['big5', 'big5'],
  ])('%s can be asked for, and is %s', async (label, encoding) => {
    const bytes = label === 'UTF-16' ? Buffer.from('name,email\n', 'utf16le') : Buffer.from('name,email\n');
    expect((await detect(bytes, { encoding: label })).encoding).toBe(encoding);
  });

  test('every byte of Windows-1252 is what the Encoding Standard says', async () => {
    const bytes = Buffer.from(Array.from({ length: 0x80 }, (_, index) => index + 0x80));
    const [[text] = []] = await cellsOfText(reader, bytes, { encoding: 'windows-1252', bom: 0, delimiter: ',' });
    expect(text?.slice(0, 32)).toBe('€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ');
    expect(text?.slice(32)).toBe(bytes.subarray(32).toString('latin1'));
  });

  test.each([1 << 12, 1 << 16, 1 << 20])('is judged by the same bytes in whatever pieces they come: %d', async (size) => {
    // The first byte beyond ASCII says Windows-1252; many behind what is looked at would say UTF-8 with one that is broken.
    const bytes = Buffer.concat([
      Buffer.from(ascii.repeat(13_000)),
      Buffer.of(0xe9, 0x0a),
      Buffer.from(ascii.repeat(25_000)),
      Buffer.from('王小明\n'.repeat(10)),
    ]);
    expect((await reader.detect(stream(bytes, size), {})).encoding).toBe('windows-1252');
  });

  test('an empty file has a dialect and no rows', async () => {
    expect(await detect('')).toStrictEqual({ encoding: 'utf-8', bom: 0, delimiter: ',' });
  });
});

describe('the delimiter', () => {
  test.each([
    ['name,email\na,b\n', ','],
    ['name;email\nDoe, Jane;b\n', ';'],
    ['name\temail\na,x\tb\n', '\t'],
    ['name|email\na|b\n', '|'],
    ['"last, first";email\n"a, b";c\n', ';'],
    ['email\na@example.com\n', ','],
    ['name,"a;b"\n"c;d",e;f\n', ','],
    ['email;name,nick\na;b,c\nd;e\nf;g\n', ';'],
  ])('of %j is %j', async (text, delimiter) => {
    expect((await detect(text)).delimiter).toBe(delimiter);
  });

  test.each([
    ['tab', '\t'],
    ['TAB', '\t'],
    ['#', '#'],
    ['；', '；'],
  ])('%j can be asked for', async (wanted, delimiter) => {
    const dialect = await detect(`a${delimiter}b\n"c"${delimiter}"d${delimiter}"\n`, { delimiter: wanted });
    expect(dialect.delimiter).toBe(delimiter);
    expect(await cellsOfText(reader, `a${delimiter}b\n"c"${delimiter}"d${delimiter}"\n`, dialect)).toStrictEqual([
      ['a', 'b'],
      ['c', `d${delimiter}`],
    ]);
  });
});

describe('is refused, with what to do:', () => {
  const leaveOut = 'or leave it out, and it is detected.';

  test('an encoding that does not exist', async () => {
    expect(await refusal('a', { encoding: 'klingon' })).toStrictEqual([
      'unknown-encoding',
      "There is no encoding 'klingon'.",
      `Use utf-8, utf-16le, utf-16be, windows-1252, gb18030 or shift_jis, or another name of the WHATWG Encoding Standard such as big5 or windows-1251; ${leaveOut}`,
    ]);
  });

  test.each(['', 'ab', '"', '\n'])('the delimiter %j', async (delimiter) => {
    expect(await refusal('a', { delimiter })).toStrictEqual([
      'unusable-delimiter',
      `'${delimiter}' cannot separate columns.`,
      `Give one character other than a quote or a line end, or the word 'tab'; ${leaveOut}`,
    ]);
  });

  test.each([
    ['utf-8', iconv.encode('name\n王小明\n', 'gb18030'), 'Byte 7 of the file, on line 2, is not utf-8 text: the file looks like gb18030.'],
    ['gbk', Buffer.from('name\n王\n'), 'Byte 9 of the file, on line 2, is not gbk text: the file looks like utf-8.'],
    ['utf-16le', Buffer.from('name\nx\n'), 'Byte 1 of the file, on line 1, is not utf-16le text: the file looks like utf-8.'],
    ['utf-8', Buffer.from('name\nx\n', 'utf16le'), 'Byte 1 of the file, on line 1, is not utf-8 text: the file looks like utf-16le.'],
    ['gb18030', Buffer.from('\ufeffname\nx\n'), 'Byte 1 of the file, on line 1, is not gb18030 text: the file looks like utf-8.'],
  ])('%s where it is something else', async (encoding, bytes, message) => {
    const looksLike = /looks like (.*)\.$/.exec(message)?.[1] ?? '';
    const hint = `Leave the encoding out, and it is detected, or give ${looksLike}.`;
    expect(await refusal(bytes, { encoding })).toStrictEqual(['wrong-encoding', message, hint]);
  });

  test.each([
    [Buffer.from('PK\x03\x04rest'), 'a spreadsheet or another ZIP archive'],
    [Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'a PNG image'],
    [Buffer.from('%PDF-1.7\n'), 'a PDF document'],
    [Buffer.from('\x7fELF\x02\x01', 'latin1'), 'a program'],
  ])('%j', async (bytes, name) => {
    expect(await refusal(bytes)).toMatchObject(['not-text', `The file is ${name}, not text.`, expect.stringMatching(/\.$/)]);
  });

  test('bytes of no known format', async () => {
    const bytes = Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 167 + (index >> 3) * 89) % 256));
    expect(await refusal(bytes)).toStrictEqual([
      'not-text',
      'The file is not text: it is full of control characters.',
      'Save it as CSV and import that.',
    ]);
  });

  test.each([[1001], [100_000], [1_500_000]])('a first row of %i columns', async (columns) => {
    expect(await refusal(`${'c,'.repeat(columns - 1)}c\n`)).toMatchObject([
      'too-many-columns',
      expect.stringContaining(`has ${columns.toLocaleString('en')} columns, separated by ','; the most are 1,000.`),
      expect.any(String),
    ]);
    expect((await detect(`${'c,'.repeat(999)}c\n`)).delimiter).toBe(',');
  });
});

test('reads no more than it needs', async () => {
  let taken = 0;
  async function* endless(): AsyncIterable<Uint8Array> {
    for (;;) {
      taken++;
      yield await Promise.resolve(Buffer.from('José,a@example.com\n'.repeat(4000)));
    }
  }
  await reader.detect(endless(), {});
  expect(taken).toBeLessThan(8);
});
