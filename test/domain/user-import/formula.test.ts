import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { neutralised, restored } from '../../../src/domain/user-import/formula.ts';

const dangerous = ['=1+1', '+49 30', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1', '＋1', '－1', '＠x'];

describe('neutralised', () => {
  test.each(dangerous)('%j gets an apostrophe', (cell) => {
    expect(neutralised(cell)).toBe(`'${cell}`);
  });

  test.each(["'=1", "''+1", "'''-x", "'@x", "'\tx"])('%j, which would be restored to something else, gets one more', (cell) => {
    expect(neutralised(cell)).toBe(`'${cell}`);
  });

  test.each(['', 'Ada', 'a=1', "'Ada", "''", "'", ' =1', '1-1', 'x@y', "O'Neil", "a'=1"])('%j stays as it is', (cell) => {
    expect(neutralised(cell)).toBe(cell);
    expect(restored(cell)).toBe(cell);
  });
});

describe('restored', () => {
  test.each(dangerous)('%j comes back, and is not touched where it has no apostrophe', (cell) => {
    expect(restored(`'${cell}`)).toBe(cell);
    expect(restored(cell)).toBe(cell);
  });

  test('it takes back what neutralised did, whatever the cell', () => {
    const start = fc.array(fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', '＝', 'a', ' '), { maxLength: 5 });
    fc.assert(
      fc.property(start, fc.string(), (first, rest) => {
        const cell = first.join('') + rest;
        return restored(neutralised(cell)) === cell && !/^[=+\-@\t\r\n＝＋－＠]/.test(neutralised(cell));
      }),
    );
  });
});
