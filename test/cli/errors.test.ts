import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { describe, expect } from '@jest/globals';
import type { Scratch } from './command.ts';
import { others, threePeople, tryAll, type Check, type Fault } from './faults.ts';

const mounts = 'unshare -rm mount -t tmpfs tmpfs /mnt';
const cannotMount = spawnSync('sh', ['-c', mounts]).status === 0 ? undefined : 'a full disk: no right to mount one';

const files: readonly Fault[] = [
  {
    label: 'a missing path',
    args: () => ['import', 'nowhere.csv'],
    code: 2,
    stderr: ['rollcall: There is no file nowhere.csv.', 'Check the path, and put the file back if it was moved.'],
  },
  {
    label: 'an empty file',
    prepare: (scratch) => scratch.write('empty.csv', ''),
    args: () => ['import', 'empty.csv'],
    code: 2,
    stderr: ['rollcall: empty.csv: The file holds no rows.', 'A CSV file begins with a header such as: name,email'],
  },
  {
    label: 'a binary file',
    prepare: (scratch) => scratch.write('people.xlsx', Buffer.from([0x50, 0x4b, 0x03, 0x04, 0, 0, 1, 2, 3])),
    args: () => ['import', 'people.xlsx'],
    code: 2,
    stderr: [
      'rollcall: people.xlsx: The file is a spreadsheet or another ZIP archive, not text.',
      'Open it in the spreadsheet program and save it as CSV, or unpack it if it is an archive; then import that.',
    ],
  },
  {
    label: 'a directory',
    args: () => ['import', 'mail'],
    code: 2,
    stderr: ['rollcall: mail is a directory, not a file.', 'Name the CSV file in it.'],
  },
  {
    label: 'a header without an address column',
    prepare: (scratch) => scratch.write('phones.csv', 'name,phone\nDora,123\n'),
    args: () => ['import', 'phones.csv'],
    code: 2,
    stderr: [
      'rollcall: phones.csv: No column of e-mail addresses was found. The header is: "name", "phone".',
      'Name the column "email", "e mail", "email address", "e mail address", "mail", "mail address", "邮箱", "电子邮件", "电子邮箱", "邮箱地址", "邮件地址", "e mail 1 value", or say which one it is: --map email=COLUMN (a name or a number).',
    ],
  },
  {
    label: 'a good file beside a bad one',
    prepare: (scratch) => scratch.write('phones.csv', 'name,phone\nDora,123\n'),
    args: () => ['import', 'others.csv', 'phones.csv'],
    code: 2,
    stderr: [
      'rollcall: phones.csv: No column of e-mail addresses was found. The header is: "name", "phone".',
      'Name the column "email", "e mail", "email address", "e mail address", "mail", "mail address", "邮箱", "电子邮件", "电子邮箱", "邮箱地址", "邮件地址", "e mail 1 value", or say which one it is: --map email=COLUMN (a name or a number).',
    ],
  },
  {
    label: 'a file cut inside a quote',
    prepare: (scratch) => scratch.write('cut.csv', `${others}Gus,"gus@exam`),
    args: () => ['import', 'cut.csv', '--strict'],
    code: 3,
    stderr: [],
    adds: { users: 3, welcomed: 3 },
    then: shows('  row 4, line 5: A quote is opened on this line and never closed; close it, or double it if it belongs to the text.'),
  },
  {
    label: 'a row of 2 MiB',
    prepare: (scratch) => scratch.write('long.csv', `name,email\nDora,dora@example.com\n${'x'.repeat(2 << 20)},y\nEmil,emil@example.com\n`),
    args: () => ['import', 'long.csv', '--strict'],
    code: 3,
    stderr: [],
    adds: { users: 2, welcomed: 2 },
    then: shows('  row 2, line 3: The row is over 1 MiB; shorten it, or look for a quote that is missing before it.'),
  },
  {
    label: '100,000 columns',
    prepare: (scratch) => scratch.write('wide.csv', `email${',x'.repeat(99_999)}\n`),
    args: () => ['import', 'wide.csv'],
    code: 2,
    stderr: [
      "rollcall: wide.csv: The first row has 100,000 columns, separated by ','; the most are 1,000.",
      'Check that the file is a table of people with a header, and name the delimiter if it is another one.',
    ],
  },
  {
    label: 'NUL bytes',
    prepare: (scratch) => scratch.write('nul.csv', `${others}G\0us,gus@example.com\n`),
    args: () => ['import', 'nul.csv', '--strict'],
    code: 3,
    stderr: [],
    adds: { users: 3, welcomed: 3 },
    then: shows('  row 4, line 5: The row holds a NUL byte, so the file may be damaged here; remove it or export the file again.'),
  },
  {
    label: 'a wrong --encoding',
    prepare: (scratch) => scratch.write('latin.csv', Buffer.from('name,email\nDora,dora@example.com\nÉmil,emil@example.com\n', 'latin1')),
    args: () => ['import', 'latin.csv', '--encoding', 'utf-8'],
    code: 2,
    stderr: [
      'rollcall: latin.csv: Byte 35 of the file, on line 3, is not utf-8 text: the file looks like windows-1252.',
      'Leave the encoding out, and it is detected, or give windows-1252.',
    ],
  },
  {
    label: 'an unknown --encoding',
    args: () => ['import', 'others.csv', '--encoding', 'klingon'],
    code: 2,
    stderr: [
      "rollcall: There is no encoding 'klingon'.",
      'Use utf-8, utf-16le, utf-16be, windows-1252, gb18030 or shift_jis, or another name of the WHATWG Encoding Standard such as big5 or windows-1251; or leave it out, and it is detected.',
    ],
  },
  {
    label: 'an unknown --map column',
    args: () => ['import', 'others.csv', '--map', 'email=Contact'],
    code: 2,
    stderr: [
      'rollcall: others.csv: --map email=Contact: there is no column "Contact". The header is: "name", "email".',
      'Use one of these names, or a number counted from 1.',
    ],
  },
  {
    label: 'an unknown --keep column',
    args: () => ['import', 'others.csv', '--keep', 'City'],
    code: 2,
    stderr: [
      'rollcall: others.csv: --keep City: there is no column "City". The header is: "name", "email".',
      'Use one of these names, or a number counted from 1.',
    ],
  },
  {
    label: 'a delimiter of two characters',
    args: () => ['import', 'others.csv', '--delimiter', '::'],
    code: 2,
    stderr: [
      "rollcall: '::' cannot separate columns.",
      "Give one character other than a quote or a line end, or the word 'tab'; or leave it out, and it is detected.",
    ],
  },
];

/** What stands in the result. */
function shows(line: string): Check {
  return (_, { stdout }) => {
    expect(stdout.split('\n')).toContain(line);
  };
}

/** The command does the rest once the fault is mended: all six people are users then, and welcomed. */
async function goesOn(scratch: Scratch, args: readonly string[]): Promise<void> {
  const { code, stderr } = await scratch.run(args);
  expect([code, stderr]).toStrictEqual([0, expect.any(String)]);
  const { users, welcomed, mails } = scratch.kept();
  expect([users, welcomed, mails.length]).toStrictEqual([6, 6, 6]);
}

let lock: Sqlite.Database | undefined;

const databases: readonly Fault[] = [
  {
    label: 'a database that is locked',
    prepare: (scratch) => {
      lock = new Sqlite(scratch.at('rollcall.db'));
      lock.exec('BEGIN IMMEDIATE');
    },
    args: () => ['import', 'others.csv'],
    code: 1,
    stderr: [
      'rollcall: The database DIR/rollcall.db is locked by another program.',
      'Close the program that holds it, then run the same command again: it goes on where it stopped.',
    ],
    then: async (scratch) => {
      lock?.close();
      await goesOn(scratch, ['import', 'others.csv']);
    },
  },
  {
    label: 'a database that is read-only',
    prepare: (scratch) => {
      chmodSync(scratch.at('rollcall.db'), 0o444);
      chmodSync(scratch.path, 0o555);
    },
    args: () => ['import', 'others.csv'],
    options: () => ({ unprivileged: true }),
    code: 1,
    stderr: [
      'rollcall: The database DIR/rollcall.db is read-only.',
      'Make the file and its folder writable, or name another database with --db.',
    ],
    then: async (scratch) => {
      chmodSync(scratch.path, 0o755);
      chmodSync(scratch.at('rollcall.db'), 0o644);
      await goesOn(scratch, ['import', 'others.csv']);
    },
  },
  {
    label: 'a database on a full disk',
    prepare: async (scratch) => {
      await scratch.run(['generate', '20000']).then(({ stdout }) => scratch.write('many.csv', stdout));
      mkdirSync(scratch.at('disk'));
    },
    args: () => ['import', 'many.csv', '--db', 'disk/rollcall.db', '--mail', 'none', '--json'],
    // A small disk that only this process sees; what it holds at the end is copied out.
    options: () => ({
      env: { ROLLCALL_PATIENCE: '1' },
      within: `unshare -rm sh -c 'mount -t tmpfs -o size=1m tmpfs disk && cp rollcall.db disk && "$@"; code=$?; cp disk/rollcall.db* . && exit $code' sh "$@"`,
    }),
    code: 1,
    stderr: [
      'rollcall: The database DIR/disk/rollcall.db cannot grow: the disk is full.',
      'Free some space, then run the same command again: it goes on where it stopped.',
      'many.csv: not every row has its outcome yet. To carry on: rollcall work --mail none --db disk/rollcall.db',
    ],
    adds: 'some',
    then: async (scratch) => {
      const { users, imports } = scratch.kept();
      expect(users).toBeGreaterThan(3);
      expect(users).toBeLessThan(20_003);
      expect(imports[1]).toStrictEqual({ inserted: users - 3, updated: 0, duplicates: 0, rejected: 0 });
      // With room enough, the same command does the rest.
      const [result] = await scratch.json(['import', 'many.csv', '--mail', 'none', '--json']);
      expect(result).toMatchObject({ state: 'completed', rows: 20_000, inserted: 20_000 });
    },
    skip: cannotMount,
  },
  {
    label: 'a database of a newer schema',
    prepare: (scratch) => {
      const db = new Sqlite(scratch.at('rollcall.db'));
      db.pragma('user_version = 99');
      db.close();
    },
    args: () => ['import', 'others.csv'],
    code: 2,
    stderr: [
      'rollcall: The database DIR/rollcall.db was written by a newer version of Rollcall (schema 99; this one knows 2).',
      'Update Rollcall, or name another file with --db.',
    ],
  },
  {
    label: 'a database that is none',
    prepare: (scratch) =>
      scratch.write(
        'text.db',
        'Dear diary, today I made a file that is longer than a hundred bytes, and no database at all, as it seems.\n',
      ),
    args: () => ['import', 'others.csv', '--db', 'text.db'],
    code: 2,
    stderr: ['rollcall: DIR/text.db is not a database.', 'Name another file with --db.'],
  },
  {
    label: 'a database of another program',
    prepare: (scratch) => {
      const db = new Sqlite(scratch.at('other.db'));
      db.exec('CREATE TABLE cakes (name TEXT)');
      db.close();
    },
    args: () => ['import', 'others.csv', '--db', 'other.db'],
    code: 2,
    stderr: ['rollcall: DIR/other.db is a database of another program.', 'Name another file with --db.'],
  },
  {
    label: 'a database in a folder that is missing',
    args: () => ['import', 'others.csv', '--db', 'no/where.db'],
    code: 1,
    stderr: ['rollcall: There is no folder DIR/no for the database.', 'Make the folder, or name another file with --db.'],
  },
  {
    label: 'no database to look into',
    args: () => ['status', '--db', 'new.db'],
    code: 2,
    stderr: ['rollcall: There is no database DIR/new.db.', 'Name it with --db, or make one: rollcall import people.csv'],
  },
];

const templates: readonly Fault[] = [
  {
    label: 'a template with an unknown variable',
    prepare: (scratch) => {
      scratch.write('letter/subject.hbs', 'Hello {{name}}');
      scratch.write('letter/body.html.hbs', '<p>{{name}}</p>');
      scratch.write('letter/body.txt.hbs', 'Dear {{name}},\nhow is {{City}}?');
    },
    args: () => ['import', 'others.csv', '--template', 'letter', '--keep', 'email'],
    code: 2,
    stderr: [
      'rollcall: The welcome for row 1 of others.csv cannot be made: letter/body.txt.hbs, line 2: this user has no {{City}}.',
      'What there is: {{name}}, {{email}}, {{attributes.email}}. A column becomes a variable when the import keeps it (--keep COLUMN).',
    ],
  },
  {
    label: 'a template that is missing',
    args: () => ['import', 'others.csv', '--template', 'letters'],
    code: 2,
    stderr: [
      'rollcall: The template DIR/letters has no subject.hbs',
      'A template is a directory with subject.hbs, body.html.hbs, body.txt.hbs.',
    ],
  },
];

const maildirs: readonly Fault[] = [
  {
    label: 'a maildir that is a file',
    args: () => ['import', 'others.csv', '--mail', 'maildir:first.csv'],
    options: () => ({ env: { ROLLCALL_PATIENCE: '0' } }),
    code: 1,
    stderr: [
      "rollcall: The maildir DIR/first.csv cannot be written: EEXIST: file already exists, mkdir 'DIR/first.csv'",
      'Something that is not a directory has that name. Name another directory: --mail maildir:DIR.',
      'others.csv: 3 welcomes are still to be sent. To send them: rollcall work --mail maildir:first.csv',
    ],
    adds: { users: 3, welcomed: 0 },
    then: (scratch) => goesOn(scratch, ['work']),
  },
  {
    label: 'a maildir that may not be written',
    prepare: (scratch) => mkdirSync(scratch.at('closed'), { mode: 0o555 }),
    args: () => ['import', 'others.csv', '--mail', 'maildir:closed'],
    options: () => ({ unprivileged: true, env: { ROLLCALL_PATIENCE: '0' } }),
    code: 1,
    stderr: [
      "rollcall: The maildir DIR/closed cannot be written: EACCES: permission denied, mkdir 'DIR/closed/tmp'",
      'Give this user the right to write there, or name another directory: --mail maildir:DIR.',
      'others.csv: 3 welcomes are still to be sent. To send them: rollcall work --mail maildir:closed',
    ],
    adds: { users: 3, welcomed: 0 },
    then: (scratch) => goesOn(scratch, ['work']),
  },
];

const all = [...databases, ...files, ...templates, ...maildirs];

describe('bad input gets a clear error, and what was done stays done', () => {
  tryAll(all, threePeople, 4);
});
