// Starts servers as processes of their own, and tells what they used.
import { spawn } from 'node:child_process';
import { createReadStream, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { usage } from '../measure.mjs';

/**
 * Starts a program that prints its address, and waits for that.
 * @returns {Promise<{ url: string, used: () => { megabytes: number, cpuSeconds: number }, stop: () => Promise<void> }>} `used`: since its start
 */
export async function started(args, options = {}) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let told = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${args.join(' ')} ended with ${code}:\n${told}`)));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        told += data;
        const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(told) ?? [];
        if (address) resolve(address);
      });
  });
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
  };
  return { url, used: () => usage(child.pid), stop };
}

/** `rollcall serve` on a new database, which goes when it stops. `database` is its file. */
export async function serving({ root, folder }) {
  const database = join(folder, 'serve.db');
  const args = ['serve', '--port', '0', '--db', database, '--mail', 'none'];
  const server = await started([join(root, 'dist/entrypoints/cli/main.js'), ...args], { cwd: folder });
  const stop = async (look = () => undefined) => {
    await server.stop();
    look(database);
    for (const ending of ['', '-wal', '-shm', '-uploads']) rmSync(`${database}${ending}`, { recursive: true, force: true });
  };
  return { ...server, stop };
}

/**
 * Streams the file to POST /imports.
 * @returns the import's address, when the request began and when it was answered (milliseconds since the epoch)
 */
export async function posted(url, csv) {
  const headers = { 'Content-Type': 'text/csv', 'Content-Length': statSync(csv).size };
  const began = Date.now();
  const sent = request(`${url}/imports`, { method: 'POST', headers });
  const answered = new Promise((resolve, reject) => sent.once('response', resolve).once('error', reject));
  await pipeline(createReadStream(csv), sent);
  const response = await answered;
  const acknowledged = Date.now();
  const body = await text(response);
  if (response.statusCode !== 202) throw new Error(`The import was not begun: ${response.statusCode} ${body}`);
  return { path: response.headers.location, began, acknowledged };
}

/** Asks for the import until it is completed: seldom, so that asking takes nothing from it. @returns its last view */
export async function completed(url, path, rows) {
  for (;;) {
    const view = await (await fetch(`${url}${path}`)).json();
    if (view.state === 'completed') {
      if (view.rows !== rows) throw new Error(`The import did not do its work: ${JSON.stringify(view)}`);
      return view;
    }
    if (view.state !== 'reading' && view.state !== 'storing')
      throw new Error(`The import did not come to its end: ${JSON.stringify(view)}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
