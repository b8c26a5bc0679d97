import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { uploadTicket } from '../../src/entrypoints/http/schemas.ts';
import { onDynamoDBLocal } from '../adapters/dynamodb/local.ts';
import { upTo } from '../contracts/world.ts';
import { Bundles } from './bundles.ts';
import { Stack, token } from './stack.ts';

type Json = Record<string, unknown> & { readonly items: readonly Record<string, unknown>[] };

const peopleOf = (name: string, count: number) => upTo(count).map((n) => `${name}.${n}@example.com`);
const fileOf = (addresses: readonly string[]) => `name,email\n${addresses.map((address, n) => `Example ${n},${address}\n`).join('')}`;

onDynamoDBLocal((local) => {
  jest.setTimeout(120_000);
  describe('requests to the bundled function http, behind a gateway', () => {
    let bundles: Bundles | undefined;
    let stack: Stack;
    beforeAll(async () => {
      bundles = new Bundles();
      stack = (await Stack.start(local(), { bundles, legSeconds: 20, timeoutSeconds: 29, concurrency: 2, patienceSeconds: 60 })).run();
    }, 60_000);
    afterAll(async () => {
      bundles?.remove();
      await stack.close();
    }, 60_000);
    afterEach(() => void (stack.ses.taken.length = 0));

    const ask = (path: string, { headers = {}, ...more }: { headers?: Record<string, string> } & Omit<RequestInit, 'headers'> = {}) =>
      fetch(`${stack.gateway.url}${path}`, { ...more, headers: { Authorization: `Bearer ${token}`, ...headers } });
    const told = async (path: string): Promise<Json> => (await (await ask(path)).json()) as Json;
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      ask(path, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } });
    const mailed = () => stack.ses.taken.flatMap(({ to }) => to).sort();

    /** Asks for the import until it is over, as the console does. */
    async function over(location: string): Promise<Json> {
      let view: Json | undefined;
      await stack.until(`${location} is over`, async () => {
        view = await told(location);
        return view['state'] === 'completed' && view['waiting'] === 0;
      });
      return view as Json;
    }

    test('a file goes straight to the bucket by a ticket, which tells the import to be followed', async () => {
      const people = peopleOf('ticket', 120);
      const file = '人员 1+1.csv';
      const ticket: unknown = await (await post('/uploads', { file, keep: ['name'], onExisting: 'update' })).json();
      const { url, fields, fileField, follow = '' } = uploadTicket.parse(ticket);
      expect((await told(follow))['type']).toBe('/problems/upload-unknown');
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append(fileField, new Blob([fileOf([...people, 'nobody'])]), file);
      expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204);

      const { import: id } = await told(follow);
      await stack.until('it is begun', async () => (await told(follow))['begun'] === true);
      const view = await over(`/imports/${String(id)}`);
      expect(view).toMatchObject({ ...{ inserted: 120, rejected: 1, welcomed: 120 }, file, keep: ['name'], onExisting: 'update' });
      expect(mailed()).toStrictEqual([...people].sort());
      const rejects = await (await ask(`/imports/${String(id)}/rejects.csv`)).text();
      expect(rejects).toMatch(/Example 120,nobody,121,email,invalid-address,/);
      expect((await told('/imports')).items.map((item) => item['import'])).toContain(id);
      expect(await told('/users/TICKET.1@example.com')).toMatchObject({ email: 'ticket.1@example.com', welcome: 'sent', import: id });
    });

    test('a small file may come through the function, and is one import however often it comes', async () => {
      const people = peopleOf('small', 30);
      const send = () => ask('/imports?file=small.csv', { method: 'POST', body: fileOf(people), headers: { 'Content-Type': 'text/csv' } });
      const first = await send();
      expect(first.status).toBe(202);
      const location = first.headers.get('Location') ?? '';
      expect(await over(location)).toMatchObject({ inserted: 30, welcomed: 30, file: 'small.csv' });
      const again = await send();
      expect([again.status, again.headers.get('Location')]).toStrictEqual([200, location]);
      await stack.quiet();
      expect(mailed()).toStrictEqual([...people].sort());
    });

    test('users as JSON go to the records queue, and the answer is the same under one Idempotency-Key', async () => {
      const people = peopleOf('json', 40);
      const users = people.map((email) => ({ email, name: 'Json', attributes: { city: 'Köln' } }));
      const headers = { 'Idempotency-Key': 'a-key' };
      const first = await post('/imports', { users: [...users, { email: 'nobody' }] }, headers);
      expect(first.status).toBe(202);
      const location = first.headers.get('Location') ?? '';
      expect(await over(location)).toMatchObject({ inserted: 40, rejected: 1, welcomed: 40 });
      const again = await post('/imports', { users: [...users, { email: 'nobody' }] }, headers);
      expect([again.status, await again.text()]).toStrictEqual([202, await first.text()]);
      expect((await post('/imports', { users }, headers)).status).toBe(422);
      expect(mailed()).toStrictEqual([...people].sort());
    });

    test('a file of more than 4 MiB is told where to go', async () => {
      const body = 'x'.repeat(4 * 1024 ** 2 + 1);
      const answer = await ask('/imports', { method: 'POST', body, headers: { 'Content-Type': 'text/csv' } });
      expect([answer.status, await answer.json()]).toMatchObject([
        413,
        { limit: 4 * 1024 ** 2, hint: expect.stringMatching(/POST \/uploads/) },
      ]);
      const largest = fileOf([`${'x'.repeat(4 * 1024 ** 2 - 100)}@example.com`]);
      const taken = await ask('/imports/preview', {
        method: 'POST',
        body: largest,
        headers: { 'Content-Type': 'application/octet-stream' },
      });
      expect(taken.status).toBe(200);
    });

    test('dead letters are listed with their cause, and sent back', async () => {
      await stack.send('uploads', 'no message of ours');
      let letters: Json['items'] = [];
      await stack.until('it is a dead letter', async () => (letters = (await told('/dead-letters')).items).length > 0);
      expect(letters).toMatchObject([{ queue: 'uploads', code: 'unreadable-message' }]);
      const answer = await post('/dead-letters/redrive', {});
      expect([answer.status, await answer.json()]).toStrictEqual([202, { redriven: 1 }]);
    });

    test('the console and what holds nobody’s data are open, and nothing else is', async () => {
      const open = (path: string, method = 'GET') => fetch(`${stack.gateway.url}${path}`, { method });
      const page = await open('/');
      const html = await page.text();
      expect([page.status, page.headers.get('Content-Encoding')]).toStrictEqual([200, 'gzip']);
      expect(page.headers.get('Content-Security-Policy')).toContain(`connect-src 'self' ${new URL(stack.aws.settings.endpoint).origin};`);
      for (const [, path = ''] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g))
        expect([path, (await open(path)).status]).toStrictEqual([path, 200]);
      for (const path of ['/health', '/docs', '/docs.css', '/openapi.json', '/problems/unauthorized'])
        expect([path, (await open(path)).status]).toStrictEqual([path, 200]);
      for (const path of ['/imports', '/ready', '/users/a@example.com', '/assets', '/nowhere'])
        expect([path, (await open(path)).status]).toStrictEqual([path, 401]);
      expect((await open('/health', 'POST')).status).toBe(401);
      expect((await ask('/ready')).status).toBe(200);
      expect((await ask(`/imports/${'0'.repeat(32)}/events`)).status).toBe(404);
      const log = stack.functions.http.log.join('\n');
      expect(log).not.toContain('@example.com');
    });
  });
});
