import { describe, expect, test } from '@jest/globals';
import {
  cellValue,
  columnLabel,
  isRefusal,
  joinName,
  planColumns,
  rejectsColumns,
  rowNumber,
  synonyms,
} from '../../../src/domain/user-import/columns.ts';
import type { ColumnPlan } from '../../../src/ports/import-ledger.ts';
import type { ReadingOptions } from '../../../src/ports/vocabulary.ts';
import { noOptions, plainSyntax } from '../plain.ts';

const planned = (first: readonly string[], options: Partial<ReadingOptions> = {}) =>
  planColumns(first, { ...noOptions, ...options }, plainSyntax);

/** The plan of a file whose first row is a header. */
const headed = (header: readonly string[], plan: Partial<ColumnPlan>) => ({ header, name: [], keep: [], ...plan });

describe('a header', () => {
  test.each(synonyms.email)('%s is the address', (word) => {
    expect(planned(['x', word])).toStrictEqual(headed(['x', word], { email: 1 }));
  });

  test.each(synonyms.name)('%s is the name', (word) => {
    expect(planned(['email', 'x', word])).toStrictEqual(headed(['email', 'x', word], { email: 0, name: [2] }));
  });

  test.each(synonyms.first)('%s is the first name', (word) => {
    expect(planned(['email', word, 'last name'])).toStrictEqual(headed(['email', word, 'last name'], { email: 0, name: [1, 2] }));
  });

  test.each(synonyms.last.filter((word) => word !== '姓'))('%s is the last name', (word) => {
    expect(planned(['email', word, 'first name'])).toStrictEqual(headed(['email', word, 'first name'], { email: 0, name: [2, 1] }));
  });

  test.each([
    ['E-Mail'],
    [' Email '],
    ['E_MAIL'],
    ['e.mail'],
    ['EMAIL_ADDRESS'],
    ['Email   Address'],
    ['email-._ address'],
    ['\uFEFFemail'],
    ['ｅｍａｉｌ'],
    ['e\tmail'],
    ['E-mail 1 - Value'],
    ['Email Address [Required]'],
    ['email[x]'],
  ])('%j is understood', (word) => {
    expect(planned(['name', word])).toStrictEqual(headed(['name', word], { email: 1, name: [0] }));
  });

  test('a remark in brackets counts where a column is chosen', () => {
    const header = ['email', 'email [2]', '名 [x]', '姓 [y]'];
    expect(planned(header)).toMatchObject({ email: 0, name: [3, 2] });
    expect(planned(header, { map: { email: 'E-Mail [2]' } })).toMatchObject({ code: 'unknown-column' });
    expect(planned(header, { map: { email: 'Email [2]' } })).toMatchObject({ email: 1, name: [3, 2] });
  });

  test.each([['email [x'], ['[x] email'], ['email [x] y'], ['email (x)']])('%j is not', (word) => {
    expect(planned(['name', word])).toMatchObject({ code: 'no-address-column' });
  });

  test('the likeliest name wins over the first one', () => {
    expect(planned(['mail', 'display name', 'email', 'name'])).toMatchObject({ email: 2, name: [3] });
  });

  test('a whole name wins over its parts', () => {
    expect(planned(['email', 'first name', 'last name', 'name'])).toMatchObject({ name: [3] });
  });

  test('one part of the name is enough', () => {
    expect(planned(['email', 'first name'])).toMatchObject({ name: [1] });
    expect(planned(['email', 'last name'])).toMatchObject({ name: [1] });
    expect(planned(['email', '名'])).toMatchObject({ name: [1] });
  });

  test('a Chinese family name goes first', () => {
    expect(planned(['名', '邮箱', '姓'])).toMatchObject({ email: 1, name: [2, 0] });
    expect(planned(['姓', '名', '邮箱'])).toMatchObject({ email: 2, name: [0, 1] });
  });

  test('the name may be missing: cells may hold it', () => {
    expect(planned(['email', 'city'])).toStrictEqual(headed(['email', 'city'], { email: 0 }));
  });

  test('a cell with an @ that is no address does not make it a data row', () => {
    expect(planned(['email', '@handle', 'a @ b'])).toMatchObject({ email: 0, header: ['email', '@handle', 'a @ b'] });
  });
});

describe('a file without a header', () => {
  test.each([
    [['ada@example.com', 'Ada'], 0, [1]],
    [['Ada', 'ada@example.com'], 1, [0]],
    [['Berlin', 'Ada', 'ada@example.com'], 2, [0]],
    [['ada@example.com', 'bob@example.com'], 0, [1]],
    [['Ada', 'Ada Muster <ada@example.com>'], 1, [0]],
    [['ada@example.com'], 0, []],
  ] as const)('%j: the address is in column %d, the name in %j', (first, email, name) => {
    expect(planned(first)).toStrictEqual({ email, name, keep: [] });
  });
});

describe('--map', () => {
  test.each([
    [{ email: 'Contact' }, { email: 1, name: [0] }],
    [{ email: 'contact' }, { email: 1, name: [0] }],
    [{ email: '2' }, { email: 1, name: [0] }],
    [
      { email: '1', name: '3' },
      { email: 0, name: [2] },
    ],
    [
      { email: '2', name: 'alias' },
      { email: 1, name: [3] },
    ],
    [
      { email: '2', name: '9' },
      { email: 1, name: [2] },
    ],
  ] as const)('%j', (map, plan) => {
    expect(planned(['name', 'Contact', '9', 'Alias'], { map })).toMatchObject(plan);
  });

  test('numbers count in a file without a header, and reach its last column', () => {
    expect(planned(['ada@example.com', 'x', 'bob@example.com'], { map: { email: '3', name: '2' } })).toStrictEqual({
      email: 2,
      name: [1],
      keep: [],
    });
  });

  test('numbers may have several digits', () => {
    expect(planned('abcdefghijkl'.split(''), { map: { email: '12', name: '10' } })).toMatchObject({ email: 11, name: [9] });
  });

  test('names do not count in a file without a header', () => {
    expect(planned(['x', 'ada@example.com'], { map: { name: 'x' } })).toMatchObject({ code: 'unknown-column' });
  });
});

describe('--keep', () => {
  const header = ['name', 'email', 'City', 'city ', ''];
  test.each([
    [['city'], [{ index: 2, as: 'City' }]],
    [['3'], [{ index: 2, as: 'City' }]],
    [
      ['4', 'city'],
      [
        { index: 2, as: 'City' },
        { index: 3, as: 'city' },
      ],
    ],
    [['city', '3', 'CITY'], [{ index: 2, as: 'City' }]],
    [['5'], [{ index: 4, as: 'column 5' }]],
    [['email'], [{ index: 1, as: 'email' }]],
    [
      ['*'],
      [
        { index: 2, as: 'City' },
        { index: 3, as: 'city' },
        { index: 4, as: 'column 5' },
      ],
    ],
    [
      ['*', 'email'],
      [
        { index: 2, as: 'City' },
        { index: 3, as: 'city' },
        { index: 4, as: 'column 5' },
      ],
    ],
    [[], []],
  ] as const)('%j', (keep, kept) => {
    expect(planned(header, { keep })).toStrictEqual(headed(header, { email: 1, name: [0], keep: kept }));
  });

  test('columns of one name are kept under names of their own', () => {
    const plan = planned(['email', 'x', 'x', 'x (2)', 'x'], { keep: ['*'] });
    expect(plan).toMatchObject({ keep: [{ as: 'x' }, { as: 'x (2)' }, { as: 'x (2) (2)' }, { as: 'x (3)' }] });
  });

  test('columns without a header are kept by their number', () => {
    expect(planned(['ada@example.com', 'Ada', 'Berlin'], { keep: ['3'] })).toMatchObject({ keep: [{ index: 2, as: 'column 3' }] });
  });
});

describe('a file of our own rejects', () => {
  const header = ['name', 'email', ...rejectsColumns];

  test('it has four columns of its own', () => {
    expect(rejectsColumns).toStrictEqual(['row', 'column', 'code', 'reason']);
  });

  test('it is known by its last four columns, which are none of its own', () => {
    expect(planned(header)).toStrictEqual(headed(header, { email: 1, name: [0], rejects: true }));
    expect(planned(header, { keep: ['*'] })).toMatchObject({ keep: [] });
    expect(planned(header, { map: { name: 'reason' } })).toMatchObject({ code: 'unknown-column' });
    expect(planned(header, { map: { name: '2' } })).toMatchObject({ name: [1] });
    expect(planned(header, { map: { name: '3' } })).toMatchObject({ code: 'unknown-column' });
  });

  test.each([
    ['one of the four has another name', ['email', 'row', 'column', 'code', 'why']],
    ['they are in another order', ['email', 'column', 'row', 'code', 'reason']],
    ['they are not the last ones', ['email', 'row', 'column', 'code', 'reason', 'x']],
  ])('it is none where %s', (_, names) => {
    expect(planned(names)).not.toHaveProperty('rejects');
  });

  test('four columns alone are no rejects', () => {
    expect(planned([...rejectsColumns])).toMatchObject({ code: 'no-address-column' });
    expect(planned([...rejectsColumns], { map: { email: 'row' } })).toMatchObject({ email: 0 });
  });
});

describe('a refusal says what was found and what to do', () => {
  const hint =
    'Name the column "email", "e mail", "email address", "e mail address", "mail", "mail address", "邮箱", "电子邮件", "电子邮箱", "邮箱地址", "邮件地址", "e mail 1 value", ' +
    'or say which one it is: --map email=COLUMN (a name or a number).';
  test.each([
    [
      'no address column',
      () => planned(['name', 'phone']),
      {
        code: 'no-address-column',
        message: 'No column of e-mail addresses was found. The header is: "name", "phone".',
        hint,
      },
    ],
    [
      'a header of 12 columns',
      () => planned('abcdefghijkl'.split('')),
      {
        code: 'no-address-column',
        message: 'No column of e-mail addresses was found. The header is: "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l".',
        hint,
      },
    ],
    [
      'a header of 14 columns',
      () => planned('abcdefghijklmn'.split('')),
      {
        code: 'no-address-column',
        message:
          'No column of e-mail addresses was found. The header is: "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l" and 2 more.',
        hint,
      },
    ],
    [
      'long names',
      () => planned(['x'.repeat(40), 'y'.repeat(41)]),
      {
        code: 'no-address-column',
        message: `No column of e-mail addresses was found. The header is: "${'x'.repeat(40)}", "${'y'.repeat(40)}…".`,
        hint,
      },
    ],
    [
      '--map email',
      () => planned(['name', 'email'], { map: { email: 'e-post' } }),
      {
        code: 'unknown-column',
        message: '--map email=e-post: there is no column "e-post". The header is: "name", "email".',
        hint: 'Use one of these names, or a number counted from 1.',
      },
    ],
    [
      '--map name',
      () => planned(['name', 'email'], { map: { name: '3' } }),
      {
        code: 'unknown-column',
        message: '--map name=3: there is no column "3". The header is: "name", "email".',
        hint: 'Use one of these names, or a number counted from 1.',
      },
    ],
    [
      'column 0',
      () => planned(['name', 'email'], { map: { name: '0' } }),
      {
        code: 'unknown-column',
        message: '--map name=0: there is no column "0". The header is: "name", "email".',
        hint: 'Use one of these names, or a number counted from 1.',
      },
    ],
    [
      'a number with something after it',
      () => planned(['name', 'email'], { map: { name: '1x' } }),
      {
        code: 'unknown-column',
        message: '--map name=1x: there is no column "1x". The header is: "name", "email".',
        hint: 'Use one of these names, or a number counted from 1.',
      },
    ],
    [
      'a number with something before it',
      () => planned(['name', 'email'], { map: { name: 'x1' } }),
      {
        code: 'unknown-column',
        message: '--map name=x1: there is no column "x1". The header is: "name", "email".',
        hint: 'Use one of these names, or a number counted from 1.',
      },
    ],
    [
      '--keep',
      () => planned(['name', 'email'], { keep: ['*', 'town'] }),
      {
        code: 'unknown-column',
        message: '--keep town: there is no column "town". The header is: "name", "email".',
        hint: 'Use one of these names, or a number counted from 1.',
      },
    ],
    [
      '--keep in rejects',
      () => planned(['email', ...rejectsColumns], { keep: ['code'] }),
      {
        code: 'unknown-column',
        message: '--keep code: there is no column "code". The header is: "email".',
        hint: 'Use one of these names, or a number counted from 1.',
      },
    ],
    [
      'no header',
      () => planned(['Ada', 'ada@example.com'], { map: { name: '3' } }),
      {
        code: 'unknown-column',
        message: '--map name=3: there is no column "3". The file has no header, and 2 columns.',
        hint: 'Use a number from 1 to 2.',
      },
    ],
  ])('%s', (_, plan, refusal) => {
    const refused = plan();
    expect(refused).toStrictEqual(refusal);
    expect(isRefusal(refused)).toBe(true);
  });

  test('a plan and a number are none', () => {
    expect(isRefusal(planned(['email']))).toBe(false);
    expect(isRefusal(0)).toBe(false);
  });
});

describe('columnLabel', () => {
  const plan: ColumnPlan = { header: [' Mail ', ' '], email: 0, name: [], keep: [] };
  test.each([
    [plan, 0, 'Mail'],
    [plan, 1, 'column 2'],
    [plan, 2, 'column 3'],
    [{ email: 0, name: [], keep: [] }, 0, 'column 1'],
  ])('%#', (of, index, label) => {
    expect(columnLabel(of, index)).toBe(label);
  });
});

test('rows are counted from 1, and the header is none', () => {
  expect(rowNumber({ header: ['email'], email: 0, name: [], keep: [] }, 1)).toBe(1);
  expect(rowNumber({ email: 0, name: [], keep: [] }, 0)).toBe(1);
});

test('a cell is trimmed, restored in rejects only, and empty where there is none', () => {
  const plan: ColumnPlan = { email: 0, name: [], keep: [] };
  expect(cellValue(plan, [" '=x "], 0)).toBe("'=x");
  expect(cellValue(plan, ["'=x "], 0)).toBe("'=x");
  expect(cellValue({ ...plan, rejects: true }, ["'=x "], 0)).toBe('=x');
  expect(cellValue({ ...plan, rejects: true }, ["'\tx "], 0)).toBe('x');
  expect(cellValue(plan, [], 0)).toBe('');
});

test.each([
  [['Ada', 'Muster'], 'Ada Muster'],
  [['李', '雷'], '李雷'],
  [['李', 'Lei'], '李 Lei'],
  [['李a', '雷'], '李a 雷'],
  [['李', 'a雷'], '李 a雷'],
  [['欧阳', '娜娜'], '欧阳娜娜'],
  [['', 'Muster'], 'Muster'],
  [['Ada', ''], 'Ada'],
  [['', ''], ''],
  [[], ''],
])('joinName %j', (parts, name) => {
  expect(joinName(parts)).toBe(name);
});
