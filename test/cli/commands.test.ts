import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFileSync, renameSync } from 'node:fs';
import { MailServer } from '../adapters/smtp/server.ts';
import { Scratch } from './command.ts';

// Every test starts several processes, beside others that do.
jest.setTimeout(60_000);

const scratches: Scratch[] = [];

function scratch(files: Readonly<Record<string, string | Uint8Array>> = {}): Scratch {
  const made = new Scratch();
  scratches.push(made);
  for (const [name, content] of Object.entries(files)) made.write(name, content);
  return made;
}

afterAll(() => {
  for (const made of scratches) made.remove();
});

const commands = ['import', 'work', 'status', 'rejects', 'users', 'dead-letters list', 'dead-letters redrive', 'generate', 'estimate'];

describe('help', () => {
  const here = scratch();

  test.concurrent.each(commands)('%s --help says what it is for, with examples', async (command) => {
    const { code, stdout, stderr } = await here.run([...command.split(' '), '--help']);
    expect(stdout).toMatch(new RegExp(`^Usage: rollcall ${command} `));
    expect(stdout).toMatch(/\nExamples:\n {2}\$ /);
    expect([code, stderr]).toStrictEqual([0, '']);
  });

  test.concurrent('--help names every command', async () => {
    const { stdout } = await here.run(['--help']);
    for (const command of commands) expect(stdout).toContain(`  ${command.split(' ')[0]!} `);
  });

  test.concurrent('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(await here.run(['--version'])).toStrictEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.concurrent.each([
    [['inport', 'people.csv'], "rollcall: unknown command 'inport'\n(Did you mean import?)\nRun `rollcall --help` to see what there is.\n"],
    [
      ['import', 'people.csv', '--dryrun'],
      "rollcall: unknown option '--dryrun'\n(Did you mean --dry-run?)\nRun `rollcall import --help` to see what it takes.\n",
    ],
    [['import'], "rollcall: missing required argument 'file'\nRun `rollcall import --help` to see what it takes.\n"],
    [
      ['import', 'people.csv', '--map', 'phone=2'],
      "rollcall: option '--map <field=column>' argument 'phone=2' is invalid. It is email=COLUMN or name=COLUMN.\nRun `rollcall import --help` to see what it takes.\n",
    ],
    [
      ['import', 'people.csv', '--on-existing', 'delete'],
      "rollcall: option '--on-existing <what>' argument 'delete' is invalid. Allowed choices are skip, update.\nRun `rollcall import --help` to see what it takes.\n",
    ],
    [
      ['import', 'people.csv', '--mail', 'pigeon'],
      'rollcall: --mail pigeon is not understood.\nUse maildir:DIR, smtp://HOST:PORT, smtps://HOST:PORT or none.\n',
    ],
    [
      ['import', 'people.csv', '--mail', 'smtp://mail.example.com'],
      "rollcall: Welcomes by SMTP need a sender.\nName it with --from 'Team <team@example.com>', or in the environment as ROLLCALL_FROM.\n",
    ],
    [
      ['import', 'people.csv', '--mail', 'smtp://me:secret@mail.example.com', '--from', 'team@example.com'],
      'rollcall: --mail holds a user name or a password, which everyone on this machine could read.\n' +
        'Put them into the environment: ROLLCALL_SMTP_USER, and ROLLCALL_SMTP_PASSWORD or ROLLCALL_SMTP_PASSWORD_FILE.\n',
    ],
    [
      ['import', 'people.csv', '--from', 'nobody'],
      "rollcall: --from nobody is no address that mail can come from: there is no @ in it.\nWrite it as team@example.com or 'Team <team@example.com>'.\n",
    ],
    [
      ['generate', 'ten'],
      "rollcall: command-argument value 'ten' is invalid for argument 'count'. It is a whole number from 0 on.\nRun `rollcall generate --help` to see what it takes.\n",
    ],
    [
      ['users', '--json', '--csv'],
      "rollcall: option '--json' cannot be used with option '--csv'\nRun `rollcall users --help` to see what it takes.\n",
    ],
  ])('wrong usage ends with 2 and says what is right: %j', async (args, stderr) => {
    expect(await here.run(args)).toStrictEqual({ code: 2, stdout: '', stderr });
  });

  test.concurrent.each([
    ['ROLLCALL_PATIENCE', 'soon', 'a number from 0 on'],
    ['ROLLCALL_SEND_RATE', '0', 'a number above 0'],
    ['ROLLCALL_LOG', 'loud', 'one of debug, info, warn, error, silent'],
  ])('the environment variable %s with %s is refused with what is allowed', async (name, value, allowed) => {
    expect(await here.run(['status'], { env: { [name]: value } })).toStrictEqual({
      code: 2,
      stdout: '',
      stderr: `rollcall: The environment variable ${name} is "${value}"; it must be ${allowed}.\nCorrect it, or unset it to have the default.\n`,
    });
  });

  test.concurrent('without a command, it shows the help and ends with 2', async () => {
    const { code, stdout, stderr } = await here.run([]);
    expect([code, stdout]).toStrictEqual([2, '']);
    expect(stderr).toMatch(/^Usage: rollcall /);
  });
});

describe('what was imported', () => {
  const here = scratch({
    'people.csv':
      "name,email,city\nAda,ada@example.com,Turin\n\"=cmd|' /C calc'!A0\",no address,-1\n,ben@example.com,+39\nCleo,cleo@example.com\nDora,dora@,Lima,extra\n'=Emil,emil@example.com,x\n",
    'more.csv': 'name,email\nFay,fay@example.com\n',
  });
  let ids: readonly string[] = [];

  beforeAll(async () => {
    const results = [
      await here.json(['import', 'people.csv', '--keep', 'city', '--json']),
      await here.json(['import', 'more.csv', '--json']),
    ];
    ids = results.map(([result]) => String(result!['import']));
  });

  test('status shows the latest import, or the one whose id begins like this', async () => {
    const latest = await here.run(['status']);
    const first = await here.run(['status', ids[0]!.slice(0, 6)]);
    expect([latest.code, latest.stdout.split('\n')[0]]).toStrictEqual([
      0,
      expect.stringMatching(/^more\.csv: completed in .* s \(import [0-9a-f]{8}\)$/),
    ]);
    expect(first.stdout).toMatch(/^people\.csv: completed/);
    expect(first.stdout).toContain(`rollcall rejects ${ids[0]!.slice(0, 8)} --out rejects.csv`);
  });

  test('status --json has the keys that import has, and --all one line an import, the newest first', async () => {
    const [latest, first] = await here.json(['status', '--all', '--json']);
    expect([latest!['import'], first!['import']]).toStrictEqual([ids[1], ids[0]]);
    expect(await here.json(['status', '--json'])).toStrictEqual([latest]);
    expect(first).toMatchObject({ state: 'completed', rows: 6, inserted: 3, rejected: 3, welcomed: 3 });
    const { stdout } = await here.run(['status', '--all']);
    expect(stdout.split('\n').map((line) => line.slice(0, 8))).toStrictEqual(['import  ', ids[1]!.slice(0, 8), ids[0]!.slice(0, 8), '']);
  });

  test('status --row tells what became of one row', async () => {
    const of = async (row: number): Promise<unknown> => {
      const { code, stdout, stderr } = await here.run(['status', ids[0]!, '--row', String(row)]);
      return [code, stdout + stderr];
    };
    expect(await of(1)).toStrictEqual([0, 'row 1 of people.csv: inserted\n']);
    expect(await of(3)).toStrictEqual([
      0,
      'row 3 of people.csv: rejected\n  row 3, line 4, column "name": There is no name; fill it in.\n',
    ]);
    expect(await of(7)).toStrictEqual([
      2,
      'rollcall: Row 7 of people.csv has no outcome.\nRows are counted from 1, below the header; or it is not processed yet.\n',
    ]);
  });

  test('an import that is not there is told with how to find one', async () => {
    expect(await here.run(['status', 'zzz'])).toStrictEqual({
      code: 2,
      stdout: '',
      stderr: 'rollcall: There is no import zzz.\nAll imports: rollcall status --all\n',
    });
  });

  test('rejects writes the rejected rows as they were, harmless in a spreadsheet, with what is wrong with each', async () => {
    const { code, stdout, stderr } = await here.run(['rejects', ids[0]!]);
    expect([code, stderr]).toStrictEqual([0, '']);
    expect(stdout.replace('\ufeff', '').split('\r\n')).toStrictEqual([
      'name,email,city,column 4,row,column,code,reason',
      `"'=cmd|' /C calc'!A0",no address,'-1,,2,email,invalid-address,"This is no e-mail address that mail can be sent to: there is no @ in it; correct it."`,
      ',ben@example.com,\'+39,,3,name,missing-name,"There is no name; fill it in."',
      'Dora,dora@,Lima,extra,5,email,invalid-address,"This is no e-mail address that mail can be sent to: nothing stands after the @; correct it."',
      '',
    ]);
  });

  test('users are listed as a table, as JSON and as CSV', async () => {
    expect((await here.run(['users'])).stdout).toBe(
      [
        'email                                 name                          welcome',
        'ada@example.com',
        'cleo@example.com',
        'emil@example.com',
        'fay@example.com',
        '',
      ]
        .map((line, index) =>
          index === 0 || line === '' ? line : `${line.padEnd(36)}  ${['Ada', 'Cleo', "'=Emil", 'Fay'][index - 1]!.padEnd(28)}  sent`,
        )
        .join('\n'),
    );
    const users = await here.json(['users', '--json']);
    expect(users[0]).toStrictEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      email: 'ada@example.com',
      name: 'Ada',
      attributes: { city: 'Turin' },
      import: ids[0],
      row: 1,
      welcome: 'sent',
    });
    const { stdout } = await here.run(['users', '--csv']);
    const lines = stdout.replace('\ufeff', '').split('\r\n');
    expect(lines[0]).toBe('id,email,name,import,row,welcome,city');
    expect(lines[3]).toBe(`${String(users[2]!['id'])},emil@example.com,''=Emil,${ids[0]!},6,sent,x`);
  });

  test('whoever reads the list may have enough of it', async () => {
    const { code, stdout, stderr } = await here.run(['users', '--json'], { within: '"$@" | head -n 1' });
    expect([code, stdout.split('\n').length, stderr]).toStrictEqual([0, 2, '']);
  });
});

describe('rejects, corrected', () => {
  test.concurrent('are imported again as what they were, formulas included', async () => {
    const here = scratch({
      'people.csv': "name,email,note\n=1+1,one.example.com,-x\n'+2,two.example.com,'plain\n@three,three@example.com,\n",
    });
    await here.run(['import', 'people.csv', '--keep', 'note']);
    const { code, stderr } = await here.run(['rejects', '--out', 'rejects.csv']);
    expect([code, stderr]).toStrictEqual([
      0,
      'rejects.csv: 2 rejected rows. Correct them, then:  rollcall import rejects.csv --keep note\n',
    ]);
    here.write('rejects.csv', here.read('rejects.csv').replace('one.', 'one@').replace('two.', 'two@'));
    const [result] = await here.json(['import', 'rejects.csv', '--keep', 'note', '--json']);
    expect(result).toMatchObject({ rows: 2, inserted: 2, rejected: 0, welcomed: 2 });
    expect((await here.json(['users', '--json'])).map(({ name, attributes }) => [name, attributes])).toStrictEqual([
      ['=1+1', { note: '-x' }],
      ['@three', { note: '' }],
      ["'+2", { note: "'plain" }],
    ]);
    expect(here.names().filter((name) => name.endsWith('.part'))).toStrictEqual([]);
  });

  test.concurrent('of a file without a header say which column is which', async () => {
    const here = scratch({ 'people.csv': 'ada@example.com,Turin,Ada\nben.example.com,Oslo,Ben\n' });
    await here.run(['import', 'people.csv', '--map', 'email=1', '--map', 'name=3']);
    const { stdout, stderr } = await here.run(['rejects', '--out', 'rejects.csv']);
    expect([stdout, stderr]).toStrictEqual(['', 'rejects.csv: 1 rejected row. Correct it, then:  rollcall import rejects.csv\n']);
    expect(here.read('rejects.csv')).toMatch(/^\ufeffemail,column 2,name,row,column,code,reason\r\nben\.example\.com,Oslo,Ben,2,/);
    here.write('rejects.csv', here.read('rejects.csv').replace('ben.', 'ben@'));
    await here.run(['import', 'rejects.csv']);
    expect(await here.json(['users', '--json'])).toMatchObject([{ name: 'Ada' }, { name: 'Ben', email: 'ben@example.com' }]);
  });

  test.concurrent('that are wrong still can be had once more, with their columns once', async () => {
    const here = scratch({ 'people.csv': 'name,email\nBen,ben.example.com\n' });
    await here.run(['import', 'people.csv']);
    await here.run(['rejects', '--out', 'rejects.csv']);
    await here.run(['import', 'rejects.csv']);
    const { stdout } = await here.run(['rejects']);
    expect(stdout).toMatch(/^\ufeffname,email,row,column,code,reason\r\nBen,ben\.example\.com,1,email,invalid-address,/);
  });

  test.concurrent('where there are none, nothing is written', async () => {
    const here = scratch({ 'people.csv': 'name,email\nAda,ada@example.com\n' });
    await here.run(['import', 'people.csv']);
    const { code, stdout, stderr } = await here.run(['rejects', '--out', 'rejects.csv']);
    expect([code, stdout, stderr, here.has('rejects.csv')]).toStrictEqual([
      0,
      '',
      'No row of people.csv was rejected: there is nothing to write.\n',
      false,
    ]);
  });

  test.concurrent('that cannot be written are told of', async () => {
    const here = scratch({ 'people.csv': 'name,email\nAda,ada.example.com\n' });
    await here.run(['import', 'people.csv']);
    const { code, stderr } = await here.run(['rejects', '--out', 'no/rejects.csv']);
    expect(stderr).toMatch(
      /^rollcall: no\/rejects\.csv cannot be written: ENOENT.*\nName another file with --out, or leave it out to have the rows on standard output\.\n$/,
    );
    expect(code).toBe(1);
  });
});

describe('dead letters', () => {
  test.concurrent(
    'of an import whose file is gone: a redrive completes it once the file is back',
    async () => {
      const here = scratch();
      here.write('people.csv', (await here.run(['generate', '300000'])).stdout);
      const stopped = await here.run(['import', 'people.csv', '--mail', 'none', '--quiet'], {
        signals: [{ signal: 'SIGINT', when: () => here.hasUsers() }],
      });
      expect(stopped.code).toBe(130);
      const done = here.kept().users;
      renameSync(here.at('people.csv'), here.at('gone.csv'));
      const worked = await here.run(['work', '--mail', 'none']);
      expect([worked.code, worked.stderr.split('\n').slice(0, 2)]).toStrictEqual([
        1,
        ['people.csv: 1 part failed and lies in dead letters:', '  There is no file DIR/people.csv.'],
      ]);
      expect(here.kept().users).toBeGreaterThanOrEqual(done);
      expect((await here.json(['status', '--json']))[0]).toMatchObject({ state: 'incomplete' });
      const listed = await here.run(['dead-letters']);
      expect(listed.stdout).toMatch(
        /^\d{4}-\d\d-\d\d \d\d:\d\d {2}[0-9a-f]{8} {2}uploads {2}upload-missing {2}import [0-9a-f]{8}\n {2}There is no file DIR\/people\.csv\./,
      );
      expect(listed.stderr).toBe('\nTo try again after the mend:  rollcall dead-letters redrive\n');

      renameSync(here.at('gone.csv'), here.at('people.csv'));
      const { code, stdout, stderr } = await here.run(['dead-letters', 'redrive', '--mail', 'none']);
      expect([code, stderr]).toStrictEqual([0, '1 dead letter is tried again.\n']);
      expect(stdout).toMatch(/^people\.csv: completed/);
      expect((await here.json(['status', '--json']))[0]).toMatchObject({ state: 'completed', rows: 300_000, inserted: 300_000 });
    },
    60_000,
  );

  test.concurrent(
    'importing the file again after the mend completes it as well, and leaves no dead letter',
    async () => {
      const here = scratch();
      here.write('people.csv', (await here.run(['generate', '300000'])).stdout);
      await here.run(['import', 'people.csv', '--mail', 'none', '--quiet'], {
        signals: [{ signal: 'SIGINT', when: () => here.hasUsers() }],
      });
      renameSync(here.at('people.csv'), here.at('gone.csv'));
      expect((await here.run(['work', '--mail', 'none'])).code).toBe(1);
      const [result] = await here.json(['import', 'gone.csv', '--mail', 'none', '--json']);
      expect([result!['state'], result!['inserted'], here.deadLetters()]).toStrictEqual(['completed', 300_000, 0]);
    },
    60_000,
  );

  test.concurrent(
    'are listed and redriven by queue',
    async () => {
      const here = scratch({ 'people.csv': 'name,email\nAda,ada@example.com\nBen,ben@example.com\n' });
      const server = await MailServer.start();
      server.replies = { rcpt: (address) => (address === 'ben@example.com' ? '550 no such user' : undefined) };
      const mail = ['--mail', `smtp://127.0.0.1:${server.port}`, '--from', 'team@example.com'];
      expect((await here.run(['import', 'people.csv', ...mail])).code).toBe(1);
      expect(await here.run(['dead-letters', 'list', '--queue', 'records'])).toMatchObject({
        code: 0,
        stdout: 'There are no dead letters.\n',
      });
      expect((await here.run(['dead-letters', 'list', '--queue', 'welcomes'])).stdout).toContain(
        '  ben@example.com: 127.0.0.1:PORT refused the recipient: 550 no such user',
      );
      const again = await here.run(['dead-letters', 'redrive', ...mail]);
      expect([again.code, again.stderr.split('\n')[0], here.deadLetters()]).toStrictEqual([1, '1 dead letter is tried again.', 1]);
      server.replies = {};
      expect((await here.run(['dead-letters', 'redrive', '--queue', 'uploads', ...mail])).stdout).toBe('There are no dead letters.\n');
      expect((await here.run(['dead-letters', 'redrive', ...mail])).code).toBe(0);
      await server.close();
      expect(server.received.map(({ to }) => to)).toStrictEqual([['ada@example.com'], ['ben@example.com']]);
    },
    60_000,
  );
});

describe('generate', () => {
  test.concurrent('gives the same people for the same seed', async () => {
    const here = scratch();
    const [one, two, other] = [
      await here.run(['generate', '50', '--dirty', '50']),
      await here.run(['generate', '50', '--dirty', '50', '--seed', '1']),
      await here.run(['generate', '50', '--seed', '2']),
    ];
    expect(one).toStrictEqual(two);
    expect(one.stdout).not.toBe(other.stdout);
    expect(other.stdout.split('\n')).toHaveLength(52);
  });

  test.concurrent('stops when nobody reads on', async () => {
    const here = scratch();
    const { code, stdout, stderr } = await here.run(['generate', '100000000'], { within: '"$@" | head -n 1' });
    expect([code, stdout, stderr]).toStrictEqual([0, 'name,email,city\n', '']);
  });
});

describe('estimate', () => {
  test.concurrent('tells dollars and hours, for a person and for programs', async () => {
    const here = scratch();
    const told = await here.run(['estimate', '1000000', '--send-rate', '200']);
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.stdout).toMatch(/^1,000,000 users, all new, welcomed at 200 mails a second: 1\.39 hours\.\n/);
    expect(told.stdout).toMatch(/\nall +\$1\d\d\.\d{4} +\$101\.\d{4}\n/);
    const [json] = await here.json(['estimate', '1000000', '--json']);
    expect(json).toMatchObject({ users: 1_000_000, sendRate: 14, prices: { region: 'us-east-1' } });
    expect(here.names()).toStrictEqual([]);
  });

  test.concurrent.each([
    [['estimate', 'many'], "'many' is invalid for argument 'rows'. It is a whole number from 1 on."],
    [['estimate', '10', '--send-rate', '0'], "argument '0' is invalid. It is a number above 0."],
  ])('%j is told what is allowed', async (args, message) => {
    const { code, stderr } = await scratch().run(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('on a terminal', () => {
  // util-linux' script gives a command a terminal, and what it shows to us.
  const within = (columns: number): string => `script -qec "stty cols ${columns}; $(printf "'%s' " "$@")" /dev/null`;
  const args = ['import', 'people.csv', '--mail', 'smtp://127.0.0.1:1', '--from', 'team@example.com'];

  test.concurrent(
    'bars show how far it has come, and go when it ends; NO_COLOR is honoured',
    async () => {
      const shown = async (env: Readonly<Record<string, string>>): Promise<readonly string[]> => {
        const here = scratch({ 'people.csv': 'name,email\nAda,ada@example.com\n' });
        // Nobody listens there, so it goes on for a second.
        const { stdout } = await here.run(args, { within: within(80), env: { ROLLCALL_PATIENCE: '1', TERM: 'xterm', ...env } });
        return stdout.split('\n').filter((line) => /\u2588|\u2591/.test(line));
      };
      const [plain, coloured] = [await shown({ NO_COLOR: '1' }), await shown({})];
      for (const stage of ['read', 'stored', 'welcomed'])
        expect(plain.join('\n')).toMatch(new RegExp(`${stage} +[\u2588\u2591]{12} +\\d+%  [01] of ~?1`));
      expect(plain.join('\n')).not.toMatch(/\u001b\[\d*m/);
      expect(coloured.join('\n')).toMatch(/\u001b\[36m/);
    },
    60_000,
  );

  test.concurrent(
    '--quiet shows none',
    async () => {
      const here = scratch({ 'people.csv': 'name,email\nAda,ada@example.com\n' });
      const { stdout } = await here.run([...args, '--quiet'], { within: within(80), env: { ROLLCALL_PATIENCE: '1', TERM: 'xterm' } });
      expect(stdout).toContain('cannot be used');
      expect(stdout).not.toMatch(/\u2588|\u2591/);
    },
    60_000,
  );
});
