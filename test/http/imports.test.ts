import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { QueueUnavailable } from '../../src/ports/message-queue.ts';
import { upTo } from '../contracts/world.ts';
import { csv, got, HttpTestWorld, over, posted, type Json } from './world.ts';

const people = 'name,email\nAda,ada@example.com\nBob,bob\nCy,cy@example.com\nAda,ADA@example.com\n';

let world: HttpTestWorld;
beforeEach(() => {
  world = new HttpTestWorld();
});
afterEach(() => world.close());

const rowsOf = async (app: ReturnType<HttpTestWorld['app']>, path: string): Promise<readonly unknown[]> =>
  (await got(app, path)).items.map(({ row }) => row);

describe('a CSV file', () => {
  test('is imported: acknowledged with its address, told row by row, rejected rows as a file, users with their mail', async () => {
    world.work();
    const app = world.app();
    const answer = await app.request('/imports?file=/etc/people.csv', csv(people));
    expect(answer.status).toBe(202);
    const location = answer.headers.get('Location') ?? '';
    const view = await over(app, location);
    expect(view).toMatchObject({
      rows: 4,
      inserted: 2,
      updated: 0,
      duplicates: 1,
      rejected: 1,
      welcomed: 2,
      file: 'people.csv',
      size: people.length,
    });
    expect(location).toBe(`/imports/${String(view['import'])}`);
    expect(await got(app, '/imports')).toStrictEqual({ items: [view] });

    expect((await got(app, `${location}/rows`)).items.map(({ outcome }) => outcome)).toStrictEqual([
      'inserted',
      'rejected',
      'inserted',
      'duplicate',
    ]);
    expect((await got(app, `${location}/rows?outcome=rejected`)).items).toMatchObject([
      { row: 2, line: 3, column: 'email', code: 'invalid-address', cells: ['Bob', 'bob'] },
    ]);
    const rejects = await app.request(`${location}/rejects.csv`);
    expect(rejects.headers.get('Content-Disposition')).toMatch(/^attachment; filename="rejects-[0-9a-f]{8}[.]csv"$/);
    expect(await rejects.text()).toMatch(/^\uFEFF?name,email,row,column,code,reason\r?\nBob,bob,2,email,invalid-address,/);

    const ada = await got(app, '/users/ADA@example.com');
    expect(ada).toMatchObject({ email: 'ada@example.com', name: 'Ada', row: 1, import: view['import'], welcome: 'sent' });
    expect(await got(app, `/users/${String(ada['id'])}`)).toStrictEqual(ada);
    const mail = await got(app, `/mail/${String(ada['id'])}`);
    expect(mail).toMatchObject({ to: 'Ada <ada@example.com>', subject: 'Welcome, Ada' });
    const page = await app.request(String(mail['page']));
    expect(page.headers.get('Content-Security-Policy')).toMatch(/^sandbox; default-src 'none';/);
    expect(await page.text()).toBe(mail['html']);
    expect(world.spooled).toStrictEqual([]);
  });

  test('comes as a form, too', async () => {
    const form = new FormData();
    form.append('note', 'a field before it');
    form.append('file', new File([people], '../../people.csv'));
    const answer = await world.app().request('/imports', { method: 'POST', body: form });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ file: 'people.csv', how: 'started', state: 'reading' });
    expect(world.spooled).toHaveLength(1);
  });

  test('that comes again is the same import, and one of other options another', async () => {
    const app = world.app();
    const first = (await (await app.request('/imports', csv(people))).json()) as Json;
    expect(await (await app.request('/imports', csv(people))).json()).toMatchObject({ import: first['import'], how: 'resumed' });
    expect(world.spooled).toHaveLength(1);
    const other = (await (await app.request('/imports?onExisting=update', csv(people))).json()) as Json;
    expect(other['import']).not.toBe(first['import']);
    world.work();
    for (const view of [first, other]) await over(app, `/imports/${String(view['import'])}`);
    const again = await app.request('/imports', csv(people));
    expect([again.status, ((await again.json()) as Json)['how']]).toStrictEqual([200, 'ended']);
    expect((await app.request('/imports?again=true', csv(people))).status).toBe(202);
  });

  test('that is to be read from its start once more is kept in one place', async () => {
    const app = world.app();
    const first = (await (await app.request('/imports', csv(people))).json()) as Json;
    const former = world.spooled;
    expect(await (await app.request('/imports?again=true', csv(people))).json()).toMatchObject({ import: first['import'], how: 'resumed' });
    expect(world.spooled).toHaveLength(1);
    expect(world.spooled).not.toStrictEqual(former);
    world.work();
    await over(app, `/imports/${String(first['import'])}`);
  });

  test.each([
    ['name,city\nAda,London\n', 'no-address-column'],
    ['', 'empty-file'],
    ['PK\u0003\u0004 a workbook', 'not-text'],
    [`${upTo(1_001).join()}\n`, 'too-many-columns'],
  ])('that cannot be read is refused, and not kept (%#)', async (text, code) => {
    const answer = await world.app().request('/imports', csv(text));
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ type: `/problems/${code}`, status: 422, hint: expect.stringMatching(/./) as unknown });
    expect(world.spooled).toStrictEqual([]);
  });

  test('on a dry run is judged to its end, and nothing is kept', async () => {
    const app = world.app();
    const file = `name;e-mail;city\n${upTo(3_000)
      .map((n) => `N;${n % 3 === 0 ? 'x' : `u${n}@example.com`};Y\n`)
      .join('')}`;
    const answer = await app.request('/imports?dryRun=true&keep=city', csv(file));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ delimiter: ';', rows: 3_000, valid: 2_000, rejected: 1_000, whole: true });
    expect([world.spooled, (await got(app, '/imports')).items]).toStrictEqual([[], []]);
  });

  test('is previewed by its beginning, with what its columns mean', async () => {
    const app = world.app({ limits: { previewBytes: 60 } });
    expect(await (await app.request('/imports/preview?name=2', csv('Kontakt,Who,City\na@example.com,A,X\nb,B,Y\n'))).json()).toMatchObject({
      refusal: { code: 'no-address-column' },
      columns: [{ number: 1, label: 'Kontakt' }, { number: 2 }, { number: 3 }],
      first: [{ cells: ['a@example.com', 'A', 'X'] }, { cells: ['b', 'B', 'Y'] }],
    });
    const form = new FormData();
    form.append('file', new File([`email,name\na@example.com,A\n${'b'.repeat(300)}`], 'x.csv'));
    expect(await (await app.request('/imports/preview', { method: 'POST', body: form })).json()).toMatchObject({
      valid: 1,
      rejected: 0,
      whole: false,
      columns: [{ use: 'email' }, { use: 'name' }],
    });
    const partial = await app.request('/imports/preview?partial=true', csv('email,name\na@example.com,A\nb@exa'));
    expect(await partial.json()).toMatchObject({ valid: 1, rejected: 0, whole: false });
  });

  test('goes where POST /uploads says', async () => {
    const app = world.app();
    const ticket = (await (
      await app.request('/uploads', posted({ file: 'a b.csv', keep: ['city', 'zip'], email: 'Kontakt' }))
    ).json()) as Json;
    expect(ticket).toMatchObject({
      method: 'POST',
      url: '/imports?file=a+b.csv&email=Kontakt&keep=city&keep=zip',
      fields: {},
      fileField: 'file',
      location: true,
    });
    const form = new FormData();
    form.append('file', new File(['Kontakt,name,city,zip\na@example.com,A,B,C\n'], 'x.csv'));
    expect(await (await app.request(String(ticket['url']), { method: 'POST', body: form })).json()).toMatchObject({
      file: 'a b.csv',
      how: 'started',
    });
  });

  test('is cancelled once, and not when all is read', async () => {
    const app = world.app();
    const { import: id } = (await (await app.request('/imports', csv(people))).json()) as Json;
    for (let time = 0; time < 2; time++) {
      const answer = await app.request(`/imports/${String(id)}/cancel`, { method: 'POST' });
      expect([answer.status, ((await answer.json()) as Json)['state']]).toStrictEqual([200, 'cancelled']);
    }
    expect(world.spooled).toStrictEqual([]);
    const { import: users } = (await (
      await app.request('/imports', posted({ users: [{ email: 'a@example.com', name: 'A' }] }))
    ).json()) as Json;
    expect((await app.request(`/imports/${String(users)}/cancel`, { method: 'POST' })).status).toBe(409);
  });
});

describe('users as JSON', () => {
  test('are queued with their import, without a file', async () => {
    const app = world.app();
    const body = { users: [{ email: 'zoe@example.com', name: 'Zoe', attributes: { city: 'Oslo' } }, { email: 'nobody' }] };
    const answer = await app.request('/imports', posted(body));
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ state: 'storing', how: 'started' });
    expect(world.spooled).toStrictEqual([]);
    world.work();
    expect(await over(app, answer.headers.get('Location') ?? '')).toMatchObject({ rows: 2, inserted: 1, rejected: 1 });
    expect(await got(app, '/users?email=ZOE')).toMatchObject({ items: [{ email: 'zoe@example.com', attributes: { city: 'Oslo' } }] });
  });

  test('are refused over a limit, which is told', async () => {
    const app = world.app({ limits: { users: 2, attributes: 1, jsonBytes: 400 } });
    const users = (count: number, attributes = {}) => ({
      users: upTo(count).map((n) => ({ email: `u${n}@example.com`, name: 'N', attributes })),
    });
    const problem = async (body: unknown) => {
      const answer = await app.request('/imports', posted(body));
      return [answer.status, await answer.json()];
    };
    expect(await problem(users(3))).toMatchObject([422, { type: '/problems/too-many-users', limit: 2 }]);
    expect(await problem(users(1, { a: '', b: '' }))).toMatchObject([422, { type: '/problems/too-many-columns', limit: 1 }]);
    expect(await problem(users(1, { a: 'x'.repeat(400) }))).toMatchObject([413, { type: '/problems/body-too-large', limit: 400 }]);
    expect(await problem({ users: [{ name: 'N' }] })).toMatchObject([
      400,
      { type: '/problems/invalid-request', errors: [{ in: 'body', at: 'users.0.email' }] },
    ]);
    expect((await app.request('/imports?keep=x', posted(users(1)))).status).toBe(400);
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'Idempotency-Key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };

  test('gives a repeated request the answer of the first one, and does nothing twice', async () => {
    world.work();
    const app = world.app();
    const first = await app.request('/imports?again=true', csv(people, key));
    const text = await first.text();
    await over(app, first.headers.get('Location') ?? '');
    const second = await app.request('/imports?again=true', csv(people, key));
    expect([second.status, second.headers.get('Location'), await second.text()]).toStrictEqual([202, first.headers.get('Location'), text]);
    expect((await got(app, '/imports')).items).toHaveLength(1);
    expect(world.spooled).toStrictEqual([]);
    expect((await app.request('/imports?again=true', csv(people))).status).toBe(202);
    expect((await got(app, '/imports')).items).toHaveLength(2);
  });

  test('stands for one request alone', async () => {
    const app = world.app();
    expect((await app.request('/imports', posted({ users: [{ email: 'a@example.com', name: 'A' }] }, key))).status).toBe(202);
    const other = await app.request('/imports', posted({ users: [{ email: 'b@example.com', name: 'B' }] }, key));
    expect([other.status, await other.json()]).toMatchObject([422, { type: '/problems/key-reused' }]);
    expect((await app.request('/dead-letters/redrive', { method: 'POST', headers: key })).status).toBe(202);
    expect((await app.request('/imports', csv(people, { 'Idempotency-Key': 'x'.repeat(256) }))).status).toBe(400);
  });

  test('forgets a problem, so that the request can be sent again when it is mended', async () => {
    const records = { send: () => Promise.reject(new QueueUnavailable('Away: /var/lib/rollcall.')) };
    const request = posted({ users: [{ email: 'a@example.com', name: 'A' }] }, key);
    const failed = await world.app({ world: { records } }).request('/imports', request);
    expect([failed.status, failed.headers.get('Retry-After')]).toStrictEqual([503, '2']);
    expect(await failed.text()).not.toContain('/var/lib');
    expect((await world.app().request('/imports', request)).status).toBe(202);
  });
});

test('an import tells how its columns were named, and its rows what their cells are', async () => {
  world.work();
  const app = world.app();
  const file = csv('Contact,Who,City,Notes\nada@example.com,Ada,Rome,\nbob,Bob,Oslo,\n');
  const location = (await app.request('/imports?email=Contact&name=2&keep=City', file)).headers.get('Location') ?? '';
  const uses = [
    { number: 1, label: 'Contact', use: 'email' },
    { number: 2, label: 'Who', use: 'name' },
    { number: 3, label: 'City', use: 'keep' },
    { number: 4, label: 'Notes', use: 'ignored' },
  ];
  expect(await over(app, location)).toMatchObject({ email: 'Contact', name: '2', keep: ['City'] });
  expect((await got(app, `${location}/rows`))['columns']).toStrictEqual(uses);
});

describe('lists', () => {
  test('come page by page, each item once', async () => {
    world.work();
    const app = world.app();
    for (const n of upTo(5)) {
      const users = upTo(3).map((m) => ({ email: `${n}${m}@example.com`, name: 'N' }));
      await over(app, (await app.request('/imports', posted({ users }))).headers.get('Location') ?? '');
    }
    for (const [path, of, count] of [
      ['/imports', 'import', 5],
      ['/users', 'id', 15],
      ['/users?email=2', 'id', 3],
    ] as const) {
      const seen: unknown[] = [];
      let next: string | undefined = '';
      while (next !== undefined) {
        const page: Json = await got(app, `${path}${path.includes('?') ? '&' : '?'}limit=2${next === '' ? '' : `&after=${next}`}`);
        seen.push(...page.items.map((item) => item[of]));
        next = page['next'] as string | undefined;
      }
      expect([path, seen.length, new Set(seen).size]).toStrictEqual([path, count, count]);
    }
    const { items } = await got(app, '/imports?limit=1');
    const rows = `/imports/${String(items[0]?.['import'])}/rows`;
    const page = await got(app, `${rows}?limit=2`);
    expect(await rowsOf(app, `${rows}?after=${String(page['next'])}`)).toStrictEqual([3]);
    for (const after of ['%00', 'AA', 'x'.repeat(900), Buffer.from('-1').toString('base64url')]) {
      expect((await app.request(`${rows}?after=${after}`)).status).toBe(400);
    }
  });

  test('of dead letters tell the cause, and a redrive sends them back', async () => {
    const app = world.app();
    await world.world.deadLetters.put([
      { id: 'one', queue: 'records', text: '{}', code: 'unreadable-message', cause: 'It is odd.', at: 1_000 },
    ]);
    expect(await got(app, '/dead-letters?queue=records')).toStrictEqual({
      items: [{ id: 'one', queue: 'records', code: 'unreadable-message', cause: 'It is odd.', emails: [], at: '1970-01-01T00:00:01.000Z' }],
    });
    expect(await got(app, '/dead-letters?queue=welcomes')).toStrictEqual({ items: [] });
    expect(await (await app.request('/dead-letters/redrive', posted({ queue: 'welcomes' }))).json()).toStrictEqual({ redriven: 0 });
    expect(await (await app.request('/dead-letters/redrive', posted({ ids: ['one'] }))).json()).toStrictEqual({ redriven: 1 });
    expect(await got(app, '/dead-letters')).toStrictEqual({ items: [] });
  });
});

test('what there is not is not found, and says so', async () => {
  const app = world.app();
  const nobody = 'f'.repeat(32);
  const { sentMail: _, ...unkept } = world.world;
  const without = world.app({ world: { ...unkept, sentMail: undefined } as never });
  for (const [path, code] of [
    [`/imports/${nobody}`, 'import-unknown'],
    [`/imports/${nobody}/rows`, 'import-unknown'],
    [`/imports/${nobody}/events`, 'import-unknown'],
    [`/imports/${nobody}/rejects.csv`, 'import-unknown'],
    [`/users/${nobody}`, 'user-unknown'],
    ['/users/nobody@example.com', 'user-unknown'],
    [`/mail/${nobody}`, 'mail-unknown'],
    ['/nowhere', 'not-found'],
    ['/problems/none', 'not-found'],
  ] as const) {
    const answer = await app.request(path);
    expect([path, answer.status, await answer.json()]).toMatchObject([path, 404, { type: `/problems/${code}`, status: 404 }]);
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  }
  expect(await got(without, `/mail/${nobody}`)).toMatchObject({ type: '/problems/mail-not-kept' });
  const wrong = await app.request('/imports', { method: 'DELETE' });
  expect([wrong.status, wrong.headers.get('Allow')?.split(', ').sort()]).toStrictEqual([405, ['GET', 'HEAD', 'POST']]);
});
