import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Scratch } from './command.ts';

const main = fileURLToPath(new URL('../../dist/entrypoints/cli/main.js', import.meta.url));

let scratch: Scratch;
let child: ChildProcess | undefined;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  scratch.remove();
});

/** Starts the server on a free port; answers its address. */
async function served(args: readonly string[] = []): Promise<string> {
  child = spawn(process.execPath, [main, 'serve', '--port', '0', ...args], {
    cwd: scratch.path,
    env: { PATH: process.env['PATH'], ROLLCALL_LOG: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const part of child.stdout!) {
    said += String(part);
    const address = /http:\/\/[^ ]+/.exec(said)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`The server said no address: ${said}`);
}

async function viewOf(address: string, isOver: (view: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  for (;;) {
    const view = (await (await fetch(address)).json()) as Record<string, unknown>;
    if (isOver(view)) return view;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const users = {
  method: 'POST',
  body: JSON.stringify({ users: [{ email: 'ada@example.com', name: 'Ada' }] }),
  headers: { 'Content-Type': 'application/json' },
};

describe('rollcall serve', () => {
  test('imports and welcomes by itself, and what is done is there for the command; a signal stops it well', async () => {
    const address = await served();
    const file = { method: 'POST', body: 'email,name\nbob@example.com,Bob\nx,X\n', headers: { 'Content-Type': 'text/csv' } };
    for (const [wish, rows] of [
      [users, 1],
      [file, 2],
    ] as const) {
      const location = (await fetch(`${address}imports`, wish)).headers.get('Location') ?? '';
      expect(await viewOf(`${address}${location.slice(1)}`, ({ state, waiting }) => state === 'completed' && waiting === 0)).toMatchObject({
        rows,
        inserted: 1,
        welcomed: 1,
      });
    }
    expect(await (await fetch(`${address}metrics`)).text()).toContain(
      'rollcall_requests_total{method="POST",route="/imports",status="202"} 2',
    );
    expect((await fetch(`${address}ready`)).status).toBe(200);
    child!.kill('SIGTERM');
    expect(await once(child!, 'exit')).toStrictEqual([0, null]);
    expect(scratch.kept()).toMatchObject({ users: 2, welcomed: 2 });
    expect((await scratch.json(['status', '--json']))[0]).toMatchObject({ state: 'completed', rows: 2, rejected: 1 });
  });

  test('goes on, killed amid it, with what was acknowledged', async () => {
    const address = await served();
    const location = (await fetch(`${address}imports`, users)).headers.get('Location') ?? '';
    child!.kill('SIGKILL');
    await once(child!, 'exit');
    const again = await served();
    expect(await viewOf(`${again}${location.slice(1)}`, ({ state, waiting }) => state === 'completed' && waiting === 0)).toMatchObject({
      inserted: 1,
      welcomed: 1,
    });
  });

  test('removes what a server that died had taken in and not begun to import, and not what has just come in', async () => {
    const folder = 'rollcall.db-uploads';
    mkdirSync(join(scratch.path, folder));
    const [old = '', young = ''] = ['a', 'b'].map((digit) => `${digit.repeat(64)}.00000000-0000-4000-8000-000000000000`);
    for (const name of [old, young]) scratch.write(join(folder, name), 'email');
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(join(scratch.path, folder, old), longAgo, longAgo);
    await served(['--mail', 'none']);
    expect(readdirSync(join(scratch.path, folder))).toStrictEqual([young]);
  });

  test('asks for the token of its file', async () => {
    scratch.write('token', 'a-token-of-the-tests-1234567890\nand a note');
    const address = await served(['--token-file', 'token', '--mail', 'none', '--host', '0.0.0.0']);
    const asked = address.replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${asked}imports`)).status).toBe(401);
    expect((await fetch(`${asked}imports`, { headers: { Authorization: 'Bearer a-token-of-the-tests-1234567890' } })).status).toBe(200);
  });

  test.each([
    [['--host', '0.0.0.0'], {}, 'At 0.0.0.0, other machines could read and change everything: that needs a token.'],
    [['--token-file', 'none'], {}, 'The file of the token cannot be read: none'],
    [[], { ROLLCALL_TOKEN: 'short' }, 'The token has 5 characters, so that it could be guessed.'],
    [[], { ROLLCALL_TOKEN: 'a token with spaces that is long' }, 'The token holds characters that cannot stand in a request.'],
    [['--oidc-issuer', 'http://issuer.example.com'], {}, '--oidc-issuer http://issuer.example.com is no address of an issuer.'],
    [['--oidc-issuer', 'https://issuer.example.com'], {}, '--oidc-issuer needs --oidc-audience.'],
    [
      ['--oidc-issuer', 'https://issuer.example.com'],
      { ROLLCALL_TOKEN: 'a-token-of-the-tests-1234567890' },
      'There is a token, and an issuer of tokens.',
    ],
    [['--port', '65536'], {}, "rollcall: option '--port <number>' argument '65536' is invalid. It is a number from 0 to 65535."],
  ])('does not start with %j %j', async (args, env, message) => {
    const { code, stderr } = await scratch.run(['serve', ...args], { env: env });
    expect([code, stderr]).toStrictEqual([2, expect.stringContaining(message)]);
    expect(scratch.has('rollcall.db')).toBe(false);
  });

  test('says who else may have its port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { code, stderr } = await scratch.run(['serve', '--port', String((other.address() as AddressInfo).port)]);
    other.close();
    expect([code, stderr]).toStrictEqual([2, expect.stringContaining('Another program answers there')]);
  });
});
