import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HttpApp } from '../../src/entrypoints/http/route.ts';
import { problemKinds } from '../../src/entrypoints/http/problems.ts';
import { Tickets } from './tickets.ts';
import { HttpTestWorld } from './world.ts';

let world: HttpTestWorld;
let app: HttpApp;
beforeAll(async () => {
  world = new HttpTestWorld();
  app = world.app({ world: { tickets: new Tickets() }, limits: { uploadBytes: 20_000, jsonBytes: 20_000, users: 50 } });
  await app.request('/imports', { method: 'POST', body: 'email,name\na@example.com,A\nb,B\n', headers: { 'Content-Type': 'text/csv' } });
});
afterAll(() => world.close());

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e9',
    'NaN',
    'null',
    '../../etc/passwd',
    '%00',
    '%ff',
    "' OR 1=1 --",
    '\u0000',
    '\ud800',
    'ff'.repeat(16),
    '=1+1',
    '<script>',
    'a@example.com',
    'x'.repeat(2_000),
  ),
);
const names = [
  'after',
  'limit',
  'email',
  'name',
  'keep',
  'file',
  'encoding',
  'delimiter',
  'onExisting',
  'again',
  'dryRun',
  'outcome',
  'queue',
  'import',
  'until',
  'signature',
  'partial',
  '__proto__',
];
const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), word), word), { maxLength: 4 });
const types = [
  'application/json',
  'text/csv',
  'application/octet-stream',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'multipart/form-data; boundary=',
  'application/json; charset=utf-16',
  'text/plain',
  '',
];
const headers = fc.record(
  {
    'Content-Type': fc.constantFrom(...types),
    'Idempotency-Key': fc.constantFrom('', 'k', 'x'.repeat(300), 'ä', '"quoted"'),
    'Content-Length': fc.constantFrom('0', '-1', '99999999999', 'x'),
    Authorization: fc.constantFrom('', 'Bearer', 'Bearer x y', 'Basic eA=='),
    Origin: fc.constantFrom('null', 'x', 'http://', 'http://localhost'),
    'Sec-Fetch-Site': fc.constantFrom('none', 'same-origin', 'x'),
  },
  { requiredKeys: [] },
);
const part = fc.constantFrom(
  '--x\r\n',
  '--x--\r\n',
  'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n',
  'Content-Type: text/csv\r\n',
  '\r\n',
  'email,name\na@example.com,A\n',
  '\u0000',
  '"',
);
const person = fc.record(
  {
    email: fc.oneof(word, fc.emailAddress(), fc.integer()),
    name: fc.oneof(word, fc.constant(null)),
    attributes: fc.oneof(fc.dictionary(word, word), fc.anything()),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.json(),
  fc
    .record({ users: fc.oneof(fc.array(person, { maxLength: 60 }), fc.anything()), ids: fc.anything(), queue: word }, { requiredKeys: [] })
    .map((value) => JSON.stringify(value)),
  fc.array(fc.array(word, { maxLength: 4 }), { maxLength: 6 }).map((rows) => `email,name\n${rows.map((row) => row.join()).join('\n')}`),
  fc.integer({ min: 0, max: 30_000 }).map((size) => 'x'.repeat(size)),
);

/** Asks, and looks at the answer: it comes, is none of ours that failed, and tells problems as such and nothing of the inside. */
async function ask(method: string, path: string, given: Record<string, string | undefined>, content?: string | Uint8Array): Promise<void> {
  const set = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined && /^[\x20-\x7e]*$/.test(entry[1])),
  );
  const sent = method === 'GET' || method === 'DELETE' ? {} : { body: content as Uint8Array<ArrayBuffer> };
  const answer = await app.request(`http://localhost${path}`, { method, headers: set, ...sent });
  const isStream = answer.headers.get('Content-Type')?.startsWith('text/event-stream') ?? false;
  if (isStream) return answer.body?.cancel();
  const text = await answer.text();
  expect([path, answer.status < 500]).toStrictEqual([path, true]);
  expect(text).not.toMatch(/\n\s+at .+:\d+|node_modules|SQLITE|[/]tmp[/]/);
  if (answer.status < 400) return;
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  const { type, status } = JSON.parse(text) as { readonly type: string; readonly status: number };
  expect(status).toBe(answer.status);
  expect(Object.keys(problemKinds)).toContain(type.replace('/problems/', ''));
}

/** A text as it can stand in an address; halves of characters cannot. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

function pathOf(pattern: string, value: string, pairs: readonly (readonly [string, string])[]): string {
  const asked = pairs.map(([name, text]) => `${encoded(name)}=${encoded(text)}`).join('&');
  return `${pattern.replaceAll(/:\w+/g, encoded(value) || '%20')}${asked === '' ? '' : `?${asked}`}`;
}

describe('requests that make no sense are answered, and tell nothing of the inside', () => {
  test('on every route', async () => {
    const routes = app.routes.filter(({ method, path }) => method !== 'ALL' && path !== '/*');
    expect(routes.length).toBeGreaterThan(18);
    for (const { method, path } of routes) {
      await fc.assert(
        fc.asyncProperty(word, query, headers, body, (value, pairs, given, content) =>
          ask(method, pathOf(path, value, pairs), given, content),
        ),
        { numRuns: 60 },
      );
    }
  });

  test('on addresses that there are not, by methods that there are not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'ODD'),
        fc.webPath(),
        headers,
        body,
        (method, path, given, content) => ask(method, path, given, content),
      ),
      { numRuns: 200 },
    );
    for (const path of ['/%', '/imports/%', '/users/%E0%A4%A', '/imports?%=%', `/${'a/'.repeat(1_000)}`, '//', '/imports/'])
      await ask('GET', path, {});
  });
});
