import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { CsvRowReader } from '../../../src/adapters/csv/row-reader.ts';
import type { Dialect } from '../../../src/ports/row-reader.ts';
import { fuzzRuns, readAll, smallLimits, smallStretches, utf8 } from './reading.ts';

const numRuns = fuzzRuns(100);

/** What breaks readers: quotes, delimiters and line ends in every order. */
const fragment = fc.constantFrom(
  '"',
  '""',
  '"',
  ',',
  ',',
  '\n',
  '\r',
  '\r\n',
  ' ',
  'a',
  'bc',
  'é',
  '王',
  '😀',
  '\0',
  '\ufffd',
  '"a"',
  '"x\ny",',
  '\n\n',
);
const anyText = fc.array(fragment, { maxLength: 100, size: 'max' }).map((parts) => parts.join(''));
const anyBytes = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fragment.map((text) => Buffer.from(text)) },
      fc.constantFrom(Buffer.of(0xff), Buffer.of(0xc3), Buffer.of(0xe7, 0x8e)),
    ),
    {
      maxLength: 100,
      size: 'max',
    },
  )
  .map((parts) => Buffer.concat(parts));
const cuts = fc.oneof(fc.constantFrom(1, 2, 3, 7), fc.array(fc.nat({ max: 200 }), { maxLength: 8, size: 'max' }));
const encodings: readonly { readonly encoding: string; readonly text: fc.Arbitrary<string> }[] = [
  { encoding: 'utf-8', text: anyText },
  { encoding: 'utf-16le', text: anyText },
  { encoding: 'utf-16be', text: anyText },
  { encoding: 'gb18030', text: anyText.map((text) => text.replaceAll('\ufffd', '瘄')) },
  { encoding: 'shift_jis', text: anyText.map((text) => text.replaceAll(/[é\ufffd]/g, 'ソ').replaceAll('😀', 'ｱ|')) },
  { encoding: 'windows-1252', text: anyText.map((text) => text.replaceAll(/[王\ufffd]/g, '€').replaceAll('😀', '’')) },
];

for (const limits of [smallStretches, smallLimits]) {
  const reader = new CsvRowReader(limits);
  const label = limits === smallLimits ? 'with tiny limits' : 'with tiny stretches';

  describe(`any bytes, ${label}`, () => {
    test('however they are split, the rows are the same', async () => {
      await fc.assert(
        fc.asyncProperty(anyBytes, cuts, async (bytes, where) => {
          const whole = await readAll(new CsvRowReader({ ...limits, window: 1 << 20, piece: 1 << 20 }), bytes, utf8);
          expect((await readAll(reader, bytes, utf8, where)).rows).toStrictEqual(whole.rows);
        }),
        { numRuns },
      );
    });

    test('reading resumes at every position as if it had not stopped', async () => {
      await fc.assert(
        fc.asyncProperty(anyBytes, cuts, async (bytes, where) => {
          const { rows, positions } = await readAll(reader, bytes, utf8);
          for (const position of positions) {
            const rest = await readAll(reader, bytes, utf8, where, position);
            expect(rest.rows).toStrictEqual(rows.slice(position.ordinal));
          }
        }),
        { numRuns },
      );
    });
  });

  describe.each(encodings)(`$encoding, ${label}`, ({ encoding, text }) => {
    const dialect: Dialect = { encoding, bom: 0, delimiter: ',' };

    test('gives the rows that UTF-8 gives, however the bytes are split', async () => {
      await fc.assert(
        fc.asyncProperty(text, cuts, async (content, where) => {
          const expected = await readAll(reader, Buffer.from(content), utf8);
          const found = await readAll(reader, iconv.encode(content, encoding), dialect, where);
          expect(found.rows).toStrictEqual(expected.rows);
        }),
        { numRuns },
      );
    });

    test('resumes at every position as if it had not stopped', async () => {
      await fc.assert(
        fc.asyncProperty(text, cuts, async (content, where) => {
          const bytes = iconv.encode(content, encoding);
          const { rows, positions } = await readAll(reader, bytes, dialect, where);
          for (const position of positions) {
            expect((await readAll(reader, bytes, dialect, where, position)).rows).toStrictEqual(rows.slice(position.ordinal));
          }
        }),
        { numRuns: Math.ceil(numRuns / 2) },
      );
    });
  });
}

describe('damaged text in another encoding', () => {
  const damaged = fc.array(
    fc.oneof(fc.constantFrom(0x81, 0xff, 0x0a, 0x0d, 0x2c, 0x22, 0x41, 0x30, 0x00, 0xd8, 0xdc), fc.nat({ max: 255 })),
    { maxLength: 100, size: 'max' },
  );

  test.each(['utf-16le', 'utf-16be', 'gb18030', 'shift_jis'])(
    '%s gives the same rows however it is split, and resumes',
    async (encoding) => {
      const dialect: Dialect = { encoding, bom: 0, delimiter: ',' };
      const reader = new CsvRowReader(smallStretches);
      await fc.assert(
        fc.asyncProperty(damaged, cuts, async (values, where) => {
          const bytes = Buffer.from(values);
          const whole = await readAll(new CsvRowReader(), bytes, dialect);
          const { rows, positions } = await readAll(reader, bytes, dialect, where);
          expect(rows).toStrictEqual(whole.rows);
          for (const position of positions) {
            expect((await readAll(reader, bytes, dialect, where, position)).rows).toStrictEqual(rows.slice(position.ordinal));
          }
        }),
        { numRuns },
      );
    },
  );
});

describe('well-formed tables', () => {
  const cell = fc
    .array(fc.constantFrom('a', 'b c', '"', ',', '\n', '\r', '\r\n', 'é', '王', ';'), { maxLength: 4 })
    .map((parts) => parts.join(''));
  const line = fc.record({
    cells: fc.array(fc.record({ cell, quoted: fc.boolean() }), { minLength: 1, maxLength: 4 }),
    end: fc.constantFrom('\n', '\r\n', '\r'),
    blanks: fc.constantFrom('', '', '', '\n', ' \n', '\t\r\n\r\n'),
  });
  const reader = new CsvRowReader(smallStretches);

  test('come back cell by cell, each row with its ordinal and line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12, size: 'max' }), cuts, async (lines, where) => {
        let text = '';
        const expected = lines.map(({ cells, end, blanks }, ordinal) => {
          text += blanks;
          const row = { ordinal, line: text.split(/\r\n|\n|\r/).length, cells: cells.map((one) => one.cell) };
          text += cells.map((one) => written(one.cell, one.quoted || cells.length === 1)).join(',') + end;
          return row;
        });
        fc.pre(
          !/\r\n/.test(text.replaceAll('\r\n', '')) &&
            !lines.some(({ end }, index) => end === '\r' && lines[index + 1]?.blanks.startsWith('\n')),
        );
        expect((await readAll(reader, Buffer.from(text), utf8, where)).rows).toStrictEqual(expected);
      }),
      { numRuns: numRuns * 2 },
    );
  });

  test('are read as csv-parse reads the whole file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12, size: 'max' }), async (lines) => {
        const text = lines
          .map(({ cells, end }) => cells.map((one) => written(one.cell, one.quoted || cells.length === 1)).join(',') + end)
          .join('');
        const expected: string[][] = parse(text, {
          record_delimiter: ['\r\n', '\n', '\r'],
          relax_column_count: true,
          skip_empty_lines: true,
        });
        const { rows } = await readAll(reader, Buffer.from(text), utf8);
        expect(rows.map((row) => row.cells)).toStrictEqual(expected);
        expect(rows.some((row) => row.flaw !== undefined)).toBe(false);
      }),
      { numRuns: numRuns * 2 },
    );
  });

  test('without any quote are read as csv-parse reads the whole file, whatever delimits them', async () => {
    const piece = fc.constantFrom('\n', '\n', '\r\n', '\r', ',', ';', '|', '\t', ' ', 'a', 'bc', 'é', '王', '😀', '\u00a0', "'");
    const plain = fc.array(piece, { maxLength: 60, size: 'max' }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(plain, fc.constantFrom(',', ';', '|', '\t', '王'), cuts, async (text, delimiter, where) => {
        const expected = parse(text, {
          delimiter,
          record_delimiter: ['\r\n', '\n', '\r'],
          relax_column_count: true,
          skip_empty_lines: true,
        }).filter((cells: readonly string[]) => cells.length > 1 || cells[0]?.trim() !== '');
        const { rows } = await readAll(reader, Buffer.from(text), { ...utf8, delimiter }, where);
        expect(rows.map((row) => row.cells)).toStrictEqual(expected);
      }),
      { numRuns: numRuns * 2 },
    );
  });

  function written(text: string, always: boolean): string {
    return always || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
});
