import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { requestOf } from '../../src/domain/user-import/wishes.ts';
import { startImport } from '../../src/domain/user-import/start-import.ts';
import { Tickets } from './tickets.ts';
import { csv, got, HttpTestWorld, posted, type Json } from './world.ts';

let world: HttpTestWorld;
let tickets: Tickets;
beforeEach(() => {
  world = new HttpTestWorld();
  tickets = new Tickets();
});
afterEach(() => world.close());

const app = (options = {}) => world.app({ ...options, world: { tickets } });
const ticketFor = async (wish: object): Promise<Json> => (await (await app().request('/uploads', posted(wish))).json()) as Json;

test('a ticket leads to the store, with what was wished for', async () => {
  const wish = { file: '../people.csv', email: 'Mail', keep: ['City'], encoding: 'gb18030', onExisting: 'update', again: true };
  expect(await ticketFor(wish)).toStrictEqual({
    ...{ url: 'https://store.example/', method: 'POST', fields: { key: 'k' }, fileField: 'file', limit: 5_000, location: false },
    follow: expect.stringMatching(/^\/uploads\/[\w-]+$/),
  });
  await ticketFor({});
  await app({ welcome: false }).request('/uploads', posted({ name: '2', delimiter: ';' }));
  expect(tickets.issued).toStrictEqual([
    { name: 'people.csv', wishes: { map: { email: 'Mail' }, keep: ['City'], encoding: 'gb18030', onExisting: 'update' } },
    { name: 'upload.csv', wishes: {} },
    { name: 'upload.csv', wishes: { map: { name: '2' }, delimiter: ';', welcome: false } },
  ]);
});

test('wishes that are too long to travel are refused', async () => {
  const answer = await app().request('/uploads', posted({ keep: Array.from({ length: 60 }, (_, n) => `column ${n}`) }));
  expect([answer.status, await answer.json()]).toMatchObject([422, { type: '/problems/wishes-unusable' }]);
});

test('the ticket tells which import its file becomes, before and after that is begun', async () => {
  const { follow } = await ticketFor({ file: 'people.csv', keep: ['City'] });
  expect(await got(app(), String(follow))).toMatchObject({ status: 404, type: '/problems/upload-unknown' });
  const upload = tickets.arrive();
  const before = await got(app(), String(follow));
  const { head } = await startImport(world.world, requestOf(upload, await tickets.wishes(upload)));
  expect(before).toStrictEqual({ import: head.id, begun: false });
  expect(await got(app(), String(follow))).toStrictEqual({ import: head.id, begun: true });
});

test.each(['a', '-_', 'x'.repeat(1_501), '%00'])('what is no ticket leads nowhere: %s', async (place) => {
  const { status } = await app().request(`/uploads/${place}`);
  expect([400, 404]).toContain(status);
});

test('a file that is too large for this way in is told of the other one', async () => {
  const limits = { uploadBytes: 10 };
  const [large, preview] = await Promise.all(
    ['/imports', '/imports/preview'].map(async (path) => app({ limits }).request(path, csv('x'.repeat(11)))),
  );
  expect([large?.status, await large?.json()]).toMatchObject([413, { limit: 10, hint: expect.stringContaining('POST /uploads') }]);
  expect(await preview?.json()).toMatchObject({ hint: expect.stringContaining('partial=true') });
  const without = await world.app({ limits }).request('/imports', csv('x'.repeat(11)));
  expect(await without.json()).toMatchObject({ hint: 'Send less at once.' });
});

test('pages may send files to the store, and to no other place; what is no page says nothing of it', async () => {
  const connects = async (path: string, of = app()) =>
    /connect-src [^;]*/.exec((await of.request(path)).headers.get('Content-Security-Policy') ?? '')?.[0];
  expect(await connects('/docs')).toBe("connect-src 'self' https://store.example");
  expect(await connects('/health')).toBe("connect-src 'self'");
  expect(await connects('/docs', world.app())).toBe("connect-src 'self'");
});

test('where users are kept in no order, they are searched by whole addresses', async () => {
  world.work();
  const users = ['ada@example.com', 'adam@example.com'].map((email) => ({ email, name: 'A' }));
  await app().request('/imports', posted({ users }));
  while ((await got(app(), '/users')).items.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const found = async (email: string, options = {}) =>
    (await got(app(options), `/users?email=${email}`)).items.map((user) => user['email']);
  expect(await found('ada')).toHaveLength(2);
  expect(await found('ada', { wholeAddressesOnly: true })).toStrictEqual([]);
  expect(await found('ADA@example.com', { wholeAddressesOnly: true })).toStrictEqual(['ada@example.com']);
  expect(await found('', { wholeAddressesOnly: true })).toHaveLength(2);
});
