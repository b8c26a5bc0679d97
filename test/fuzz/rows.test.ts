import { describe, expect } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { CsvRowReader } from '../../src/adapters/csv/row-reader.ts';
import { readAll, smallStretches, utf8 } from '../adapters/csv/reading.ts';
import { anyText, circumstances, csvFiles, fragment, inOnePiece, written } from './csv-files.ts';
import { property } from './property.ts';

describe('any file', () => {
  property(
    'gives the same rows however it is split, and resumes at every position',
    fc.tuple(csvFiles, circumstances, fc.nat()),
    async ([file, how, pick]) => {
      const { bytes, dialect } = file;
      const reader = new CsvRowReader(how.limits);
      const whole = await readAll(new CsvRowReader(inOnePiece(how.limits)), bytes, dialect);
      const { rows, positions } = await readAll(reader, bytes, dialect, how.cuts);
      expect(rows).toStrictEqual(whole.rows);
      expect(rows.map(({ ordinal }) => ordinal)).toStrictEqual(rows.map((_, index) => index));
      expect(rows.every((row, index) => row.line > (rows[index - 1]?.line ?? 0))).toBe(true);
      for (const position of someOf([...positions, ...whole.positions], pick)) {
        const rest = await readAll(reader, bytes, dialect, how.cuts, position);
        expect(rest.rows).toStrictEqual(rows.slice(position.ordinal));
      }
    },
  );

  // Among others, a character with a byte that by itself is something else: a line end, a quote, | or \.
  const encodings = [
    { encoding: 'utf-16le', instead: '\u0d0a' },
    { encoding: 'utf-16be', instead: '\u0a22' },
    { encoding: 'gb18030', instead: '瘄' },
    { encoding: 'shift_jis', instead: 'ソ' },
    { encoding: 'windows-1252', instead: '€' },
  ];

  property(
    'gives the rows that UTF-8 gives, whatever it is encoded in',
    fc.tuple(fc.constantFrom(...encodings), fc.constantFrom(',', '|', '\\'), anyText, circumstances),
    async ([{ encoding, instead }, delimiter, text, { limits, cuts }]) => {
      // U+FFFD would stand for a broken character in some encodings.
      const bytes = iconv.encode(text.replaceAll('\ufffd', instead), encoding);
      const content = iconv.decode(bytes, encoding, { stripBOM: false });
      const reader = new CsvRowReader(limits);
      const expected = await readAll(reader, Buffer.from(content), { ...utf8, delimiter });
      const found = await readAll(reader, bytes, { encoding, bom: 0, delimiter }, cuts);
      expect(found.rows).toStrictEqual(expected.rows);
    },
  );
});

describe('a well-formed table', () => {
  const reader = new CsvRowReader(smallStretches);
  const cell = fc
    .array(fc.constantFrom('a', 'b c', '"', ',', '\n', '\r', '\r\n', 'é', '王', ';'), { maxLength: 4 })
    .map((parts) => parts.join(''));
  const line = fc.record({
    cells: fc.array(fc.record({ cell, how: fc.constantFrom('needed', 'quoted') }), { minLength: 1, maxLength: 4 }),
    end: fc.constantFrom('\n', '\r\n', '\r'),
    blanks: fc.constantFrom('', '', '', '\n', ' \n', '\t\r\n\r\n'),
  });
  const lines = fc.array(line, { maxLength: 12, size: 'max' });
  const textOf = (cells: readonly { readonly cell: string; readonly how: string }[]): string =>
    cells.map((one) => written(one.cell, cells.length === 1 ? 'quoted' : one.how, ',')).join(',');

  property('comes back cell by cell, each row with its ordinal and line', fc.tuple(lines, circumstances), async ([table, { cuts }]) => {
    // A blank line behind a lone carriage return would be a part of that line end.
    fc.pre(!table.some(({ end }, index) => end === '\r' && table[index + 1]?.blanks.startsWith('\n')));
    let text = '';
    const expected = table.map(({ cells, end, blanks }, ordinal) => {
      text += blanks;
      const row = { ordinal, line: text.split(/\r\n|\n|\r/).length, cells: cells.map((one) => one.cell) };
      text += textOf(cells) + end;
      return row;
    });
    expect((await readAll(reader, Buffer.from(text), utf8, cuts)).rows).toStrictEqual(expected);
  });

  property('is read as csv-parse reads the whole file', lines, async (table) => {
    const text = table.map(({ cells, end }) => textOf(cells) + end).join('');
    const { rows } = await readAll(reader, Buffer.from(text), utf8);
    expect(rows.map((row) => row.cells)).toStrictEqual(parsed(text, ','));
    expect(rows.some((row) => row.flaw !== undefined)).toBe(false);
  });

  const unquoted = fc
    .array(
      fragment.filter((piece) => !/["\0\ufffd]/.test(piece)),
      { maxLength: 60, size: 'max' },
    )
    .map((pieces) => pieces.join(''));

  property(
    'without any quote is read as csv-parse reads the whole file, whatever delimits it',
    fc.tuple(unquoted, fc.constantFrom(',', ';', '|', '\t', '王'), circumstances),
    async ([text, delimiter, { cuts }]) => {
      const expected = parsed(text, delimiter).filter((cells) => cells.length > 1 || cells[0]?.trim() !== '');
      const { rows } = await readAll(reader, Buffer.from(text), { ...utf8, delimiter }, cuts);
      expect(rows.map((row) => row.cells)).toStrictEqual(expected);
    },
  );
});

/** All of them, or about six that differ from case to case: reading on from each of many would take time with the square of the file. */
function someOf<T>(all: readonly T[], pick: number): readonly T[] {
  const step = Math.ceil(all.length / 6);
  return all.filter((_, index) => index % step === pick % step);
}

/** The cells as csv-parse reads them. */
function parsed(text: string, delimiter: string): readonly (readonly string[])[] {
  return parse(text, { delimiter, record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true, skip_empty_lines: true });
}
