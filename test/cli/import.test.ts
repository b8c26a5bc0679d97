import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { MailServer, ScriptedServer } from '../adapters/smtp/server.ts';
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

/** Chance and time out of a result: ids, seconds, the name of a mail. */
function steady(text: string): string {
  return text
    .replaceAll(/import [0-9a-f]{8}/g, 'import ID')
    .replaceAll(/in [\d.]+ s/g, 'in SECONDS')
    .replaceAll(/welcome\.[0-9a-f]{32}/g, 'welcome.USER')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'WHEN');
}

const people =
  'name,email,city\nAda,ada@example.com,Turin\nBen,ben@example.com,Oslo\n,cleo@example.com,Kyiv\nDora,dora.example.com,Lima\nAda L.,ADA@example.com,Turin\n';

const few = (from: number, count: number): string =>
  `name,email\n${Array.from({ length: count }, (_, index) => `Person ${from + index},person${from + index}@example.com\n`).join('')}`;

afterAll(() => {
  for (const made of scratches) made.remove();
});

describe('rollcall import', () => {
  test.concurrent('tells what became of every row, where the mail is and what to do next', async () => {
    const here = scratch({ 'people.csv': people });
    const { code, stdout, stderr } = await here.run(['import', 'people.csv']);
    expect(steady(stdout)).toBe(
      [
        'people.csv: completed in SECONDS (import ID)',
        '',
        '       5  rows',
        '       2  inserted      new users',
        '       1  duplicates    the address has a user already; nothing is changed',
        '       2  rejected      not imported; see below',
        '       2  welcomed      users whose welcome is sent',
        '',
        '2 rejected rows:',
        '  row 3, line 4, column "name": There is no name; fill it in.',
        '  row 4, line 5, column "email": This is no e-mail address that mail can be sent to: there is no @ in it; correct it.',
        'To correct and import them again:  rollcall rejects --out rejects.csv',
        '',
        'The welcomes are in DIR/mail, a maildir: one file each.',
        'Read one:  less DIR/mail/new/welcome.USER.rollcall',
        '',
      ].join('\n'),
    );
    expect(stderr).toBe('New database: DIR/rollcall.db\n');
    expect(code).toBe(0);
    expect(here.mails()).toHaveLength(2);
  });

  test.concurrent('with --json, prints one object a file, with these keys in this order', async () => {
    const here = scratch({ 'one.csv': few(1, 2), 'two.csv': few(2, 3) });
    const { code, stdout, stderr } = await here.run(['import', 'one.csv', 'two.csv', '--json']);
    const lines = stdout.trimEnd().split('\n');
    const keys = ['import', 'state', 'rows', 'inserted', 'updated', 'duplicates', 'rejected', 'welcomed', 'uncertain', 'failed', 'seconds'];
    const results = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(results.map((result) => Object.keys(result))).toStrictEqual([keys, keys]);
    expect(
      results.map(({ state, rows, updated, rejected, uncertain, failed }) => [state, rows, updated, rejected, uncertain, failed]),
    ).toStrictEqual([
      ['completed', 2, 0, 0, 0, 0],
      ['completed', 3, 0, 0, 0, 0],
    ]);
    // Which of two files the shared person came from is not promised.
    const sum = (key: string): number => results.reduce((total, result) => total + (result[key] as number), 0);
    expect([sum('inserted'), sum('duplicates'), sum('welcomed')]).toStrictEqual([4, 1, 4]);
    expect([code, stderr]).toStrictEqual([0, 'New database: DIR/rollcall.db\n']);
  });

  test.concurrent('an identical file that was already imported says so and shows that import; --again makes a new one', async () => {
    const here = scratch({ 'people.csv': people, 'copy.csv': people });
    const [first] = await here.json(['import', 'people.csv', '--json']);
    const before = here.kept();
    const second = await here.run(['import', 'copy.csv', '--json', '--strict']);
    expect(JSON.parse(second.stdout)).toStrictEqual(first);
    expect(steady(second.stderr)).toBe(
      'copy.csv was already imported (WHEN), so nothing is done. This is that import; --again makes a new one.\n',
    );
    expect(second.code).toBe(3);
    expect(here.kept()).toStrictEqual(before);

    const [again] = await here.json(['import', 'people.csv', '--again', '--json']);
    expect(again).toMatchObject({ state: 'completed', rows: 5, inserted: 0, duplicates: 3, rejected: 2, welcomed: 0 });
    expect(again!['import']).not.toBe(first!['import']);
    expect(here.mails()).toStrictEqual(before.mails);
  });

  test.concurrent('takes standard input, and keeps nothing of it once it is imported', async () => {
    const here = scratch();
    const first = await here.run(['import', '-', '--json'], { stdin: people });
    const second = await here.run(['import', '-', '--json'], { stdin: people });
    expect(JSON.parse(first.stdout)).toMatchObject({ state: 'completed', rows: 5, inserted: 2 });
    expect(second.stdout).toBe(first.stdout);
    expect(steady(second.stderr)).toContain('standard input was already imported (WHEN)');
    const third = await here.run(['import', '-'], { stdin: 'name,phone\nAda,1\n' });
    expect([third.code, third.stderr.split('\n')[0]]).toStrictEqual([
      2,
      'rollcall: standard input: No column of e-mail addresses was found. The header is: "name", "phone".',
    ]);
    const { stdout: spooled } = await here.run([], { within: 'ls rollcall.db-uploads' });
    expect(spooled).toBe('');
  });

  test.concurrent('what comes by standard input and cannot be imported leaves no trace', async () => {
    const here = scratch();
    const { code } = await here.run(['import', '-'], { stdin: '' });
    expect([code, here.names()]).toStrictEqual([2, []]);
  });

  test.concurrent('ends with 3 under --strict if rows were rejected, and with 0 otherwise', async () => {
    const here = scratch({ 'people.csv': people, 'clean.csv': few(1, 1) });
    expect((await here.run(['import', 'people.csv', '--strict', '--quiet'])).code).toBe(3);
    expect(await here.run(['import', 'clean.csv', '--strict', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  });

  test.concurrent('keeps columns as attributes, maps columns, and takes a delimiter and an encoding', async () => {
    const here = scratch({ 'staff.csv': Buffer.from('Wer\tKontakt\tOrt\nJörg\tjoerg@example.com\tKöln\n', 'latin1') });
    const flags = ['--map', 'email=Kontakt', '--map', 'name=1', '--keep', 'Ort', '--delimiter', 'tab', '--encoding', 'windows-1252'];
    expect((await here.run(['import', 'staff.csv', ...flags])).code).toBe(0);
    expect(await here.json(['users', '--json'])).toMatchObject([
      { email: 'joerg@example.com', name: 'Jörg', attributes: { Ort: 'Köln' }, welcome: 'sent' },
    ]);
  });

  test.concurrent('updates users with --on-existing update, and welcomes nobody twice', async () => {
    const here = scratch({ 'old.csv': 'name,email\nAda,ada@example.com\n', 'new.csv': 'name,email\nAda Lovelace,ada@example.com\n' });
    await here.run(['import', 'old.csv']);
    const [result] = await here.json(['import', 'new.csv', '--on-existing', 'update', '--json']);
    expect(result).toMatchObject({ inserted: 0, updated: 1, duplicates: 0, welcomed: 0 });
    expect(await here.json(['users', '--json'])).toMatchObject([{ name: 'Ada Lovelace' }]);
    expect(here.mails()).toHaveLength(1);
  });

  test.concurrent('welcomes of one database go out in one way', async () => {
    const here = scratch({ 'one.csv': few(1, 1), 'two.csv': few(2, 1) });
    await here.run(['import', 'one.csv']);
    const before = here.kept();
    const { code, stderr } = await here.run(['import', 'two.csv', '--mail', 'smtp://127.0.0.1:1', '--from', 'team@example.com']);
    expect(stderr).toBe(
      'rollcall: The welcomes of this database go out by maildir (1 user was welcomed so), and --mail says SMTP.\n' +
        'Nobody is welcomed twice, so go on with --mail maildir:DIR, or begin anew with another database: --db NEW.db\n',
    );
    expect([code, here.kept()]).toStrictEqual([2, before]);
  });

  test.concurrent('with --mail none, users are never welcomed, and it says so', async () => {
    const here = scratch({ 'one.csv': few(1, 1) });
    const first = await here.run(['import', 'one.csv', '--mail', 'none']);
    expect(first.stdout).toContain('No welcomes are sent: it was imported with --mail none.');
    const { code, stderr } = await here.run(['import', 'one.csv']);
    expect(stderr.split('\n')[1]).toBe('Its users get no welcome: it was imported with --mail none.');
    expect([code, here.mails()]).toStrictEqual([0, []]);
  });

  test.concurrent('flags go before the environment, and the environment before the defaults', async () => {
    const here = scratch({ 'one.csv': few(1, 1) });
    const env = { ROLLCALL_DB: 'environment.db', ROLLCALL_MAIL: 'none' };
    await here.run(['import', 'one.csv'], { env });
    await here.run(['import', 'one.csv', '--db', 'flag.db', '--mail', 'maildir:post'], { env });
    expect(here.names().filter((name) => !name.includes('-'))).toStrictEqual(['environment.db', 'flag.db', 'one.csv', 'post']);
    expect(here.mails('post')).toHaveLength(1);
  });

  test.concurrent('a dry run judges every row like the import, shows a mail, and writes nothing', async () => {
    const here = scratch({ 'people.csv': people });
    const { code, stdout, stderr } = await here.run(['import', 'people.csv', '--dry-run']);
    expect(stdout).toBe(
      [
        'people.csv: a dry run, so nothing is stored and nothing is sent',
        '',
        '  encoding   utf-8',
        '  delimiter  ,',
        '  first row  a header',
        '  e-mail     email (column 2)',
        '  name       name (column 1)',
        '  ignored    city (--keep COLUMN keeps one)',
        '',
        'The first rows as they are understood:',
        '  row 1   ada@example.com  Ada',
        '  row 2   ben@example.com  Ben',
        '  row 5   ADA@example.com  Ada L.',
        '',
        '5 rows: 3 valid, 2 to be rejected. Which of the valid ones are duplicates shows only in the import.',
        '',
        '2 rejected rows:',
        '  row 3, line 4, column "name": There is no name; fill it in.',
        '  row 4, line 5, column "email": This is no e-mail address that mail can be sent to: there is no @ in it; correct it.',
        '',
        'The welcome for ada@example.com:',
        '',
        '  Subject: Welcome, Ada',
        '',
        '  Welcome, Ada!',
        '',
        ...stdout.split('\n').slice(26),
      ].join('\n'),
    );
    expect([code, stderr, here.names()]).toStrictEqual([0, '', ['people.csv']]);
    const piped = await here.run(['import', '-', '--dry-run', '--strict', '--json'], { stdin: people });
    expect(JSON.parse(piped.stdout)).toStrictEqual({
      dryRun: true,
      file: 'standard input',
      encoding: 'utf-8',
      delimiter: ',',
      header: true,
      columns: { email: 'email', name: ['name'], keep: [] },
      rows: 5,
      valid: 3,
      rejected: 2,
    });
    expect([piped.code, here.names()]).toStrictEqual([3, ['people.csv']]);
  });
});

describe('rollcall import, stopped', () => {
  test.concurrent.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s stops it at a safe point, and the same command sends the rest',
    async (signal, status) => {
      const here = scratch({ 'people.csv': few(1, 2_000) });
      const stopped = await here.run(['import', 'people.csv'], { signals: [{ signal, when: () => here.mails().length > 0 }] });
      expect(stopped.stderr).toBe(
        'New database: DIR/rollcall.db\nStopping at a safe point … (once more: at once)\nStopped at a safe point. Nothing is lost: the same command goes on from there.\n',
      );
      expect(stopped.code).toBe(status);
      const { users, welcomed, mails } = here.kept();
      expect(mails.length).toBeLessThan(2_000);
      // At a safe point there is nothing under way: whatever lies in the maildir is known to be sent.
      expect([users, mails.length]).toStrictEqual([2_000, welcomed]);

      const { code, stderr } = await here.run(['import', 'people.csv']);
      expect(stderr).toMatch(/^people\.csv was imported already \(.*\); [\d,]+ welcomes are left\.\n$/);
      expect(code).toBe(0);
      expect(here.kept()).toMatchObject({ users: 2_000, welcomed: 2_000 });
      expect(here.mails()).toHaveLength(2_000);
    },
    60_000,
  );

  test.concurrent(
    'while rows are read, it goes on after the rows that are done',
    async () => {
      const here = scratch();
      await here.run(['generate', '300000'], {}).then(({ stdout }) => here.write('many.csv', stdout));
      const stopped = await here.run(['import', 'many.csv', '--mail', 'none', '--json'], {
        signals: [{ signal: 'SIGINT', when: () => here.hasUsers() }],
      });
      expect(stopped.code).toBe(130);
      const result = JSON.parse(stopped.stdout) as { readonly rows: number };
      expect(result).toMatchObject({ state: 'reading', rejected: 0, duplicates: 0 });
      expect(result.rows).toBeGreaterThan(0);
      expect(result.rows).toBeLessThan(300_000);

      const { code, stdout, stderr } = await here.run(['import', 'many.csv', '--mail', 'none', '--json']);
      expect(stderr).toMatch(/^many\.csv: this import was interrupted; it goes on after [\d,]+ rows that are done\.\n$/);
      expect(JSON.parse(stdout)).toMatchObject({ state: 'completed', rows: 300_000, inserted: 300_000 });
      expect(code).toBe(0);
    },
    60_000,
  );

  test.concurrent(
    'the second Ctrl-C ends it at once',
    async () => {
      const here = scratch({ 'people.csv': few(1, 1) });
      const server = await ScriptedServer.start({ '.': 'hang' });
      const { code, stderr } = await here.run(
        ['import', 'people.csv', '--mail', `smtp://127.0.0.1:${server.port}`, '--from', 'team@example.com'],
        {
          signals: [
            { signal: 'SIGINT', when: () => server.heard.includes('.') },
            { signal: 'SIGINT', when: (stderr) => stderr.includes('Stopping') },
          ],
        },
      );
      await server.close();
      expect([code, stderr]).toStrictEqual([130, 'New database: DIR/rollcall.db\nStopping at a safe point … (once more: at once)\n']);
    },
    60_000,
  );
});

describe('rollcall work', () => {
  test.concurrent(
    'carries on with all that imports left to do',
    async () => {
      const here = scratch({ 'one.csv': few(1, 2), 'two.csv': few(3, 2) });
      const env = { ROLLCALL_PATIENCE: '0' };
      const from = ['--from', 'team@example.com'];
      for (const file of ['one.csv', 'two.csv'])
        expect((await here.run(['import', file, '--mail', 'smtp://127.0.0.1:1', ...from], { env })).code).toBe(1);
      const server = await MailServer.start();
      const mail = ['--mail', `smtp://127.0.0.1:${server.port}`, ...from];
      const worked = await here.run(['work', ...mail]);
      const idle = await here.run(['work', ...mail]);
      await server.close();
      expect(server.received.flatMap(({ to }) => to).sort()).toStrictEqual([1, 2, 3, 4].map((n) => `person${n}@example.com`));
      expect([worked.code, worked.stderr]).toStrictEqual([0, '']);
      expect(worked.stdout.match(/^\w+\.csv: completed/gm)).toStrictEqual(['one.csv: completed', 'two.csv: completed']);
      expect(idle).toStrictEqual({ code: 0, stdout: 'There is nothing left to do.\n', stderr: '' });
    },
    60_000,
  );
});
