import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { createHash } from 'node:crypto';
import { HapiAddressSyntax } from '../../../src/adapters/hapi-address/address-syntax.ts';
import { header, people } from '../../../src/entrypoints/generate/people.ts';
import { brokenAddresses, domains, nameStyles } from '../../../src/entrypoints/generate/words.ts';

const syntax = new HapiAddressSyntax();

describe('generated people', () => {
  test('are the same for the same arguments, on any machine', () => {
    const bytes = [...people(1000, 1, 30)].join('');
    expect([...people(1000, 1, 30)].join('')).toBe(bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe('c468a0635dbeaf264dfaec141507e97a1f1c33476ae4df2cadaa8975d2b980d7');
  });

  test.each<[string, [number, number, number]]>([
    ['seed', [50, 2, 10]],
    ['large seed', [50, 1 + 2 ** 32, 10]],
    ['share of dirt', [50, 1, 50]],
  ])('are others for another %s', (_, other) => {
    expect([...people(...other)].join('')).not.toBe([...people(50, 1, 10)].join(''));
  });

  test('of a longer file begin like those of a shorter one', () => {
    expect([...people(200, 1, 20)].join('').startsWith([...people(100, 1, 20)].join(''))).toBe(true);
  });

  test.each([0, 1, 2, 5000])('are as many as were asked for: %d', (count) => {
    for (const dirty of [0, 100]) expect(rowsOf(count, dirty)).toHaveLength(count);
  });

  test('come in chunks of one size, however many they are', () => {
    const chunks = [...people(20_000, 1, 10)];
    expect(chunks.length).toBeGreaterThan(10);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(70_000);
  });

  test('have a name, a city and an address of their own that mail could go to and never does', () => {
    const rows = rowsOf(20_000, 0);
    expect(new Set(rows.map(([, email]) => email)).size).toBe(rows.length);
    const odd = rows.filter(([name, email = '', city, ...rest]) => {
      const whole = name !== '' && city !== '' && rest.length === 0;
      return !whole || email !== email.toLowerCase() || !domains.includes(email.split('@')[1] ?? '') || !syntax.check(email).deliverable;
    });
    expect(odd).toEqual([]);
  });

  test('have names of many scripts', () => {
    const names = rowsOf(5000, 0)
      .map(([name]) => name)
      .join('');
    for (const script of ['Latin', 'Han', 'Hiragana', 'Katakana', 'Cyrillic', 'Greek', 'Arabic', 'Devanagari']) {
      expect([script, new RegExp(`\\p{Script=${script}}`, 'u').test(names)]).toEqual([script, true]);
    }
    expect(/[ÀÁÂÄÅÇÉÈÑÓÖØÚÜŁŠáäåçéèñóöøúüłš]/.test(names)).toBe(true);
  });

  test('never end in a digit before their number: that keeps addresses apart', () => {
    for (const { given, family } of nameStyles) for (const [, ascii] of [...given, ...family]) expect(ascii).toMatch(/^[a-z]+$/);
  });
});

describe('dirt among generated people', () => {
  test('is as much as was asked for', () => {
    const clean = [...people(20_000, 1, 0)].join('').split('\n');
    for (const percent of [1, 5, 50]) {
      const left = new Set([...people(20_000, 1, percent)].join('').split('\n'));
      const share = clean.filter((line) => !left.has(line)).length / 20_000;
      expect(share).toBeGreaterThan((percent / 100) * 0.75);
      expect(share).toBeLessThan((percent / 100) * 1.25);
    }
  });

  test('is of every kind that people’s files have', () => {
    const text = [...people(5000, 1, 50)].join('');
    const rows = rowsOf(5000, 50);
    const emails = rows.map(([, email]) => email ?? '');
    const seen = new Set<string>();
    const lower = new Set<string>();
    const kinds = { doubled: 0, doubledInOtherCase: 0, missing: 0, broken: 0 };
    for (const email of emails) {
      if (email === '') kinds.missing += 1;
      else if (brokenAddresses.includes(email)) kinds.broken += 1;
      else if (seen.has(email)) kinds.doubled += 1;
      else if (lower.has(email.toLowerCase())) kinds.doubledInOtherCase += 1;
      seen.add(email);
      lower.add(email.toLowerCase());
    }
    for (const number of Object.values(kinds)) expect(number).toBeGreaterThan(50);
    expect(rows.filter((row) => row.length === 1).length).toBeGreaterThan(50);
    expect(rows.filter((row) => row.length > 3).length).toBeGreaterThan(50);
    expect(rows.filter(([name]) => name === '').length).toBeGreaterThan(50);
    expect(rows.filter(([name]) => name?.includes('\n')).length).toBeGreaterThan(50);
    expect(rows.filter(([name]) => /^[=+\-@]/.test(name ?? '')).length).toBeGreaterThan(50);
    expect(rows.filter(([name]) => name?.includes('"')).length).toBeGreaterThan(50);
    expect(emails.filter((email) => / <.+@.+>$/.test(email)).length).toBeGreaterThan(50);
    expect(emails.filter((email) => email !== email.trim()).length).toBeGreaterThan(50);
    expect(text.match(/\n\n/g)?.length).toBeGreaterThan(50);
  });

  test('has no broken address that mail could go to', () => {
    for (const address of brokenAddresses) expect([address, syntax.check(address).deliverable]).toEqual([address, false]);
  });
});

/** The rows below the header, read by a CSV parser of repute. */
function rowsOf(count: number, dirtyPercent: number): string[][] {
  const [first, ...rows] = parse([...people(count, 1, dirtyPercent)].join(''), { relax_column_count: true, skip_empty_lines: true });
  expect(first?.join(',')).toBe(header);
  return rows;
}
