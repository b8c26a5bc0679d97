import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { SystemAccessTokens } from '../../src/adapters/system/access-tokens.ts';
import { RateLimit } from '../../src/entrypoints/http/rate-limit.ts';
import { IssuerUnavailable } from '../../src/ports/access-tokens.ts';
import { upTo } from '../contracts/world.ts';
import { csv, got, HttpTestWorld, over, posted } from './world.ts';

let world: HttpTestWorld;
beforeEach(() => {
  world = new HttpTestWorld();
});
afterEach(() => world.close());

const status = async (answer: Response | Promise<Response>): Promise<number> => (await answer).status;
const users = { users: [{ email: 'ada@example.com', name: 'Ada' }] };

describe('another site', () => {
  test('that points its name to this address reads nothing', async () => {
    const app = world.app({ hosts: ['localhost', '127.0.0.1', '[::1]'] });
    const asked = (host: string): Promise<number> => status(app.request('/imports', { headers: { Host: host } }));
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:9000', 'LOCALHOST:1'])
      expect([host, await asked(host)]).toStrictEqual([host, 200]);
    for (const host of ['evil.example', 'localhost.evil.example:8080', '127.0.0.1.evil.example', '10.0.0.1', ''])
      expect([host, await asked(host)]).toStrictEqual([host, 421]);
  });

  test('can have a browser send nothing that changes anything', async () => {
    const app = world.app();
    const sent = (headers: Record<string, string>): Promise<number> =>
      status(app.request('/dead-letters/redrive', { method: 'POST', headers: { Host: 'localhost:8080', ...headers } }));
    expect(await sent({})).toBe(202);
    expect(await sent({ Origin: 'http://localhost:8080', 'Sec-Fetch-Site': 'same-origin' })).toBe(202);
    for (const Origin of ['http://evil.example', 'http://localhost:8081', 'null'])
      expect([Origin, await sent({ Origin })]).toStrictEqual([Origin, 403]);
    for (const site of ['cross-site', 'same-site']) expect(await sent({ 'Sec-Fetch-Site': site })).toBe(403);
  });

  test('gets no permission to read (CORS), and no form of its own is understood', async () => {
    const app = world.app();
    const asked = await app.request('/imports', {
      method: 'OPTIONS',
      headers: { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' },
    });
    expect([asked.status, asked.headers.get('Access-Control-Allow-Origin')]).toStrictEqual([405, null]);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      const answer = await app.request('/imports', csv(JSON.stringify(users), { 'Content-Type': type }));
      expect([answer.status, await answer.json()]).toMatchObject([415, { supported: expect.arrayContaining(['text/csv']) as unknown }]);
    }
    expect(await status(app.request('/imports', csv('x', { 'Content-Encoding': 'gzip' })))).toBe(415);
  });
});

describe('with a token', () => {
  const token = 'a-token-of-the-tests-1234567890';

  test('nobody comes in without it; only what holds no data is open', async () => {
    const app = world.app({ access: new SystemAccessTokens(token) });
    const asked = (path: string, Authorization?: string): Promise<Response> =>
      Promise.resolve(app.request(path, Authorization === undefined ? {} : { headers: { Authorization } }));
    for (const path of ['/health', '/ready', '/docs', '/docs.css', '/openapi.json', '/problems/unauthorized'])
      expect([path, await status(asked(path))]).toStrictEqual([path, 200]);
    const guarded = app.routes.filter(
      ({ method, path }) =>
        method !== 'ALL' && !/^\/(health|ready|docs|docs\.css|openapi\.json|problems\/:code|mail\/:user\/page)$/.test(path),
    );
    expect(guarded.length).toBeGreaterThan(12);
    for (const { method, path } of guarded) expect([path, await status(app.request(path, { method }))]).toStrictEqual([path, 401]);
    expect(await status(asked('/imports', `Bearer ${token}`))).toBe(200);
    expect(await status(asked('/imports', `bearer  ${token}`))).toBe(200);
    for (const wrong of ['', 'Bearer', `Basic ${token}`, `Bearer ${token}x`, `Bearer ${token.slice(0, -1)}`, 'Bearer \u00ff', token]) {
      const answer = await asked('/imports', wrong);
      expect([wrong, answer.status, answer.headers.get('WWW-Authenticate')?.startsWith('Bearer')]).toStrictEqual([wrong, 401, true]);
    }
    expect(JSON.stringify(world.telemetry.events)).not.toContain(token.slice(0, -1));
    expect(world.telemetry.events.filter(({ event }) => event === 'unauthorized').length).toBeGreaterThan(12);
  });

  test('an issuer that does not answer is no reason to let anyone in', async () => {
    const app = world.app({ access: { check: () => Promise.reject(new IssuerUnavailable('Away.')) } });
    expect(await status(app.request('/imports', { headers: { Authorization: 'Bearer x' } }))).toBe(503);
  });

  test('the page of a mail is open to whoever has its address, for a while and for this mail alone', async () => {
    world.work();
    await over(world.app(), (await world.app().request('/imports', posted(users))).headers.get('Location') ?? '');
    const app = world.app({ access: new SystemAccessTokens(token) });
    const { id } = await got(world.app(), '/users/ada@example.com');
    const { page } = await got(world.app(), `/mail/${String(id)}`);
    expect(await status(app.request(String(page)))).toBe(200);
    const [until] = /(?<=until=)\d+/.exec(String(page)) ?? [];
    expect(await status(app.request(String(page).replace(until ?? '', String(Number(until) + 1))))).toBe(404);
    expect(await status(app.request(String(page).replace(String(id), 'f'.repeat(32))))).toBe(404);
    expect(await status(world.app({ secret: 'another start' }).request(String(page)))).toBe(404);
    const later = world.app({ world: { clock: { now: () => Number(until) + 1, sleep: () => Promise.resolve() } } });
    expect(await status(later.request(String(page)))).toBe(404);
  });
});

test('every answer tells browsers what they may do with it', async () => {
  const app = world.app();
  for (const path of ['/imports', '/nowhere', '/docs', '/health', '/openapi.json']) {
    const { headers } = await app.request(path);
    const policy = headers.get('Content-Security-Policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('Set-Cookie')).toBeNull();
  }
});

describe('too many requests', () => {
  test('of one sender are refused with the limit, and when to come again; others are not', async () => {
    const app = world.app({
      limits: { requestsPerSecond: 1, burst: 3 },
      clientOf: (env) => String(env),
      world: { clock: new MemoryClock() },
    });
    const asked = (env: string): Promise<Response> => Promise.resolve(app.request('/health', {}, env as never));
    for (let time = 0; time < 3; time++) expect(await status(asked('one'))).toBe(200);
    const refused = await asked('one');
    expect([refused.status, refused.headers.get('Retry-After'), await refused.json()]).toMatchObject([429, '1', { limit: 1 }]);
    expect(await status(asked('other'))).toBe(200);
  });

  test('a bucket fills again with time, and no further than its brim', async () => {
    const clock = new MemoryClock();
    const rate = new RateLimit(clock, { perSecond: 10, burst: 2 });
    expect(upTo(3).map(() => rate.take('a'))).toStrictEqual([0, 0, 100]);
    await clock.advance(100);
    expect(upTo(2).map(() => rate.take('a'))).toStrictEqual([0, 100]);
    await clock.advance(60_000);
    expect(upTo(3).map(() => rate.take('a'))).toStrictEqual([0, 0, 100]);
    for (const n of upTo(10_001)) rate.take(`sender-${n}`);
    expect(rate.take('a')).toBe(0);
  });
});

describe('what is written about requests', () => {
  test('holds nothing of persons and nothing that the sender chose', async () => {
    world.work();
    const app = world.app({ access: new SystemAccessTokens('the-right-token-1234567890') });
    const headers = { Authorization: 'Bearer the-right-token-1234567890' };
    await app.request('/imports?file=secret-name.csv', csv('email,name\nada@example.com,Ada\n', headers));
    for (const path of ['/users/ada@example.com', '/users?email=ada', '/nowhere/ada@example.com', '/mail/ada'])
      await app.request(path, { headers });
    await app.request('/users/ada@example.com', { headers: { Authorization: 'Bearer wrong-token' } });
    await app.request('/users/ada@example.com', { method: 'ODD', headers });
    const written = JSON.stringify([world.telemetry.events, world.telemetry.counts]);
    expect(written).toContain('/users/:id');
    for (const word of ['ada', 'Ada', 'secret-name', 'right-token', 'wrong-token', 'ODD'])
      expect([word, written.includes(word)]).toStrictEqual([word, false]);
  });

  test('a defect is told in the log, and not to the sender', async () => {
    const app = world.app({
      world: {
        users: { ...world.world.users, list: () => Promise.reject(new TypeError('at /srv/secret.ts:1')), find: async () => [] },
      },
    });
    const answer = await app.request('/users');
    const body = await answer.text();
    expect(answer.status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ type: '/problems/internal-error' });
    expect(body).not.toMatch(/secret|TypeError|at \//);
    expect(world.telemetry.events.find(({ event }) => event === 'request-failed')?.error).toBeInstanceOf(TypeError);
  });
});
