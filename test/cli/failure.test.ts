import { expect, test } from '@jest/globals';
import { CommandFailed, told, toldLines } from '../../src/entrypoints/cli/failure.ts';
import { brief, commandLine, counted, duration, padded, shown } from '../../src/entrypoints/cli/words.ts';

test('an error that nobody foresaw is told in short, and with its stack to whoever asks for it', () => {
  const error = new TypeError('x is not a function');
  expect(toldLines(told(error, false))).toStrictEqual([
    'rollcall: this should not have happened: x is not a function',
    'Nothing that was done is lost. Run it again with ROLLCALL_LOG=debug in the environment, and report it with the lines that this prints.',
  ]);
  expect(toldLines(told(error, true))).toStrictEqual([
    `rollcall: this should not have happened: x is not a function\n${error.stack!}`,
    'Nothing that was done is lost. Please report it with these lines.',
  ]);
  expect(told(error, false).exitCode).toBe(1);
});

test('what comes from a file cannot steer the terminal', () => {
  const evil = 'a\u001b[2Jb\u009b1m\u202ec\r';
  expect(shown(evil)).toBe('a�[2Jb�1m�c�');
  expect(toldLines(told(new CommandFailed(evil, { hint: evil, exitCode: 2 }), false))).toStrictEqual([
    'rollcall: a�[2Jb�1m�c�',
    'a�[2Jb�1m�c�',
  ]);
});

test.each([
  [0.4214, '0.42 s'],
  [12.4, '12 s'],
  [185, '3 min 5 s'],
  [7_800, '2 h 10 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('counts, cuts, columns and command lines', () => {
  expect([counted(1, 'row'), counted(1_204, 'row'), counted(0, 'welcome is', 'welcomes are')]).toStrictEqual([
    '1 row',
    '1,204 rows',
    '0 welcomes are',
  ]);
  expect([brief(' a\nb ', 9), brief('abcdef', 4)]).toStrictEqual(['a b', 'abc…']);
  expect([padded('ab', 4), padded('張芳', 6), padded('e\u0301', 3), padded('long', 2)]).toStrictEqual([
    'ab  ',
    '張芳  ',
    'e\u0301  ',
    'long',
  ]);
  expect(commandLine(['rollcall', 'import', "it's.csv", 'a b', '-'])).toBe("rollcall import 'it'\\''s.csv' 'a b' -");
});
