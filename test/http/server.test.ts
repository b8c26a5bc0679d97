import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clientOf, serveApp, type RunningServer } from '../../src/entrypoints/http/server.ts';
import { HttpTestWorld, over, type Json } from './world.ts';

let world: HttpTestWorld;
let server: RunningServer;
let base: string;
beforeEach(async () => {
  world = new HttpTestWorld();
  server = await serveApp(world.app({ clientOf, limits: { uploadBytes: 2_000_000 } }), '127.0.0.1', 0);
  base = `http://127.0.0.1:${server.port}`;
});
afterEach(async () => {
  await server.close(100);
  await world.close();
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A connection of a client that does as it likes. */
async function raw(): Promise<Socket & { readonly said: () => string }> {
  const socket = connect(server.port, '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part)).on('error', () => undefined);
  await once(socket, 'connect');
  return Object.assign(socket, { said: () => Buffer.concat(parts).toString() });
}

/** Every operation of the document, as a client that knows nothing else calls it. */
async function client(): Promise<
  (id: string, values: Record<string, string>, body?: { readonly type: string; readonly content: string }) => Promise<Response>
> {
  const { paths } = (await (await fetch(`${base}/openapi.json`)).json()) as {
    readonly paths: Record<
      string,
      Record<
        string,
        {
          readonly operationId: string;
          readonly parameters?: readonly { readonly name: string; readonly in: string }[];
          readonly requestBody?: { readonly content: object };
        }
      >
    >;
  };
  return async (id, values, body) => {
    const found = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    const { path, method, operation } = found.find(({ operation }) => operation.operationId === id)!;
    const query = new URLSearchParams();
    const headers = new Headers();
    let address = path;
    for (const { name, in: where } of operation.parameters ?? []) {
      const value = values[name];
      if (where === 'path') address = address.replace(`{${name}}`, encodeURIComponent(value!));
      else if (value !== undefined && where === 'query') query.append(name, value);
      else if (value !== undefined) headers.set(name, value);
    }
    if (body) {
      expect(Object.keys(operation.requestBody?.content ?? {})).toContain(body.type);
      headers.set('Content-Type', body.type);
    }
    return fetch(`${base}${address}?${query.toString()}`, { method, headers, ...(body && { body: body.content }) });
  };
}

describe('over a socket', () => {
  test('a client that knows nothing but the document imports, watches, reads and cancels', async () => {
    world.work();
    const call = await client();
    const json = async (answer: Response | Promise<Response>): Promise<Json> => (await (await answer).json()) as Json;
    const file = { type: 'text/csv', content: 'name;email\nAda;ada@example.com\nBob;bob\n' };
    expect(await json(call('postImportsPreview', {}, file))).toMatchObject({ delimiter: ';', valid: 1, rejected: 1 });
    const started = await json(call('postImports', { file: 'p.csv', 'Idempotency-Key': 'one' }, file));
    const id = String(started['import']);
    expect(await (await call('getImportsIdEvents', { id })).text()).toMatch(/event: end/);
    expect(await json(call('getImportsId', { id }))).toMatchObject({ state: 'completed', rows: 2, inserted: 1, rejected: 1 });
    expect((await json(call('getImportsIdRows', { id, outcome: 'rejected' }))).items).toHaveLength(1);
    expect(await (await call('getImportsIdRejectsCsv', { id })).text()).toContain('Bob');
    const [user] = (await json(call('getUsers', { email: 'ada' }))).items;
    expect(await json(call('getMailUser', { user: String(user?.['id']) }))).toMatchObject({ subject: 'Welcome, Ada' });
    expect((await call('postImportsIdCancel', { id })).status).toBe(409);
    expect(await json(call('postDeadLettersRedrive', {}, { type: 'application/json', content: '{}' }))).toStrictEqual({ redriven: 0 });
  });

  test('an upload that breaks off leaves nothing behind, and the server goes on', async () => {
    for (const type of ['text/csv', 'multipart/form-data; boundary=x']) {
      const socket = await raw();
      const start =
        type === 'text/csv' ? 'email,name\n' : '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nemail,name\n';
      socket.write(`POST /imports HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n${start}`);
      await until(() => world.spooled.length > 0);
      socket.destroy();
      await until(() => world.spooled.length === 0);
    }
    expect((await fetch(`${base}/health`)).status).toBe(200);
    expect(((await (await fetch(`${base}/imports`)).json()) as Json).items).toStrictEqual([]);
    expect(world.telemetry.events.filter(({ level }) => level === 'error')).toStrictEqual([]);
  });

  test('an upload over the limit is refused, announced or not, and nothing of it stays', async () => {
    const row = 'a@example.com,A\n'.repeat(1_000);
    const announced = await raw();
    announced.write('POST /imports HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 2000001\r\n\r\n');
    await until(() => announced.said().includes('2000000'));
    expect(announced.said()).toMatch(/^HTTP\/1.1 413 /);
    announced.destroy();
    const chunked = await raw();
    chunked.write('POST /imports HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let sent = 0; sent < 2_100_000 && !chunked.destroyed; sent += row.length)
      chunked.write(`${row.length.toString(16)}\r\n${row}\r\n`);
    await until(() => chunked.said().startsWith('HTTP/1.1 413 ') || chunked.destroyed);
    chunked.destroy();
    await until(() => world.spooled.length === 0);
  });

  test('who watched and left is forgotten', async () => {
    const answer = await fetch(`${base}/imports`, {
      method: 'POST',
      body: 'email,name\na@example.com,A\n',
      headers: { 'Content-Type': 'text/csv' },
    });
    const location = answer.headers.get('Location') ?? '';
    const leave = new AbortController();
    const events = await fetch(`${base}${location}/events`, { signal: leave.signal });
    const reader = events.body!.getReader();
    await reader.read();
    leave.abort();
    await expect(reader.read()).rejects.toThrow();
    world.work();
    await over(world.app(), location);
  });

  test('a request that is under way when the server ends is answered', async () => {
    const sending = request(`${base}/imports`, { method: 'POST', headers: { 'Content-Type': 'text/csv' } });
    const answered = once(sending, 'response');
    sending.write('email,name\na@exam');
    await until(() => world.spooled.length > 0);
    const closed = server.close(60_000);
    sending.end('ple.com,A\n');
    const [response] = (await answered) as [{ readonly statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(202);
    await closed;
    await expect(fetch(`${base}/health`)).rejects.toThrow();
    server = { ...server, close: async () => undefined };
  });
});
