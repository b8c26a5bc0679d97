import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { gatewayHandler, toldBy } from '../../../src/entrypoints/lambda/gateway-handler.ts';
import { UnknownEvent } from '../../../src/entrypoints/lambda/events.ts';
import type { HttpApp } from '../../../src/entrypoints/http/route.ts';
import { HttpTestWorld } from '../../http/world.ts';
import { gatewayEvent, type Sent } from '../../emulators/gateway-event.ts';
import { lasting, RecordedTelemetry } from './invocations.ts';

let clock: MemoryClock;
let telemetry: RecordedTelemetry;
beforeEach(() => {
  clock = new MemoryClock();
  telemetry = new RecordedTelemetry();
});

const ask = (app: Pick<HttpApp, 'fetch'>, sent: Sent) => gatewayHandler(app, { clock, telemetry })(gatewayEvent(sent), lasting(29_000));
const problemIn = ({ statusCode, body }: { readonly statusCode: number; readonly body: string }) => [
  statusCode,
  (JSON.parse(body) as { readonly type: string }).type.replace('/problems/', ''),
];

describe('the API behind a gateway', () => {
  let world: HttpTestWorld;
  beforeEach(() => {
    world = new HttpTestWorld();
  });
  afterEach(() => world.close());

  const app = () => world.app({ ...toldBy, limits: { uploadBytes: 2_000, watchers: 0 } });
  const claims = { sub: 'somebody' };

  test('answers whomever the authorizer let in, and nobody else, on whatever way they came', async () => {
    expect(await ask(app(), { path: '/imports', claims })).toMatchObject({ statusCode: 200, body: '{"items":[]}' });
    expect(problemIn(await ask(app(), { path: '/imports' }))).toStrictEqual([401, 'unauthorized']);
    expect(problemIn(await ask(app(), { path: '/imports', claims: { iss: 'x' } }))).toStrictEqual([401, 'unauthorized']);
    const routes = app().routes.filter(({ method }) => method !== 'ALL');
    const open = /^\/(health|ready|docs|docs\.css|openapi\.json|problems\/:code|mail\/:user\/page)$/;
    for (const { method, path } of routes) {
      const { statusCode } = await ask(app(), { method, path: path.replace(':user', '0'.repeat(32)).replace(':code', 'unauthorized') });
      expect([path, statusCode === 401]).toStrictEqual([path, !open.test(path)]);
    }
    expect(telemetry.flushed).toBe(routes.length + 3);
  });

  test('takes users, and a small file as the bytes that it is', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ users: [{ email: 'ada@example.com', name: 'Ada' }] });
    expect(await ask(app(), { method: 'POST', path: '/imports', headers, body, claims })).toMatchObject({
      statusCode: 202,
      headers: { location: expect.stringMatching(/^\/imports\/[0-9a-f]{32}$/) },
    });
    const gb18030 = Buffer.concat([Buffer.from('name,email\n'), Buffer.from([0xc0, 0xee]), Buffer.from(',li@example.com\n')]);
    const preview = { method: 'POST', path: '/imports/preview?encoding=gb18030', body: gb18030, claims };
    const taken = await ask(app(), { ...preview, headers: { 'Content-Type': 'application/octet-stream' } });
    expect(JSON.parse(taken.body)).toMatchObject({ first: [{ name: '李' }] });
    const damaged = await ask(app(), { ...preview, headers: { 'Content-Type': 'text/csv' } });
    expect(problemIn(damaged)).toStrictEqual([400, 'unreadable-body']);
    expect(damaged.body).toContain('application/octet-stream');
  });

  test('refuses a body of more than it takes', async () => {
    const headers = { 'Content-Type': 'text/csv' };
    const answer = await ask(app(), { method: 'POST', path: '/imports', headers, body: 'x'.repeat(2_001), claims });
    expect(problemIn(answer)).toStrictEqual([413, 'body-too-large']);
  });

  test('has no streams of events', async () => {
    expect(problemIn(await ask(app(), { path: `/imports/${'0'.repeat(32)}/events`, claims }))).toStrictEqual([404, 'not-found']);
    const document = await ask(app(), { path: '/openapi.json' });
    expect(document.body).not.toContain('/events');
  });

  test('tells browsers what they may do with every answer', async () => {
    for (const path of ['/health', '/imports', '/docs', '/nowhere']) {
      const { headers } = await ask(app(), { path });
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'strict-transport-security': 'max-age=31536000' });
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
  });
});

describe('an answer', () => {
  test('that is larger than Lambda lets through is a problem that says so', async () => {
    const app = new Hono().get('/large', () => new Response('x'.repeat(6_000_000), { headers: { 'Content-Disposition': 'attachment' } }));
    const answer = await ask(app, { path: '/large' });
    expect(problemIn(answer)).toStrictEqual([422, 'answer-too-large']);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'x-content-type-options': 'nosniff' });
    expect(answer.headers['content-disposition']).toBeUndefined();
  });

  test('that takes longer than a second before the end is a problem, too', async () => {
    const app = new Hono().get('/slow', () => new Promise<Response>(() => undefined));
    const answer = ask(app, { path: '/slow' });
    await clock.advance(27_999);
    expect(telemetry.flushed).toBe(0);
    await clock.advance(1);
    expect(problemIn(await answer)).toStrictEqual([503, 'unavailable']);
  });

  test('is for requests alone', async () => {
    const handler = gatewayHandler(new Hono(), { clock, telemetry });
    await expect(handler({ Records: [] }, lasting(29_000))).rejects.toThrow(UnknownEvent);
    expect(telemetry.events.map(({ event }) => event)).toStrictEqual(['invocation-failed']);
  });
});
