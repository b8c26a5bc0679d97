// From the start of the process to the first mail of a small file in the maildir.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, rounded } from './measure.mjs';

/** @returns the median of the turns, in seconds */
export async function benchFirstMail({ root, folder, turns }) {
  const seconds = [];
  for (let turn = 0; turn < turns; turn++) seconds.push(await once(root, mkdtempSync(join(folder, 'first-'))));
  return { rows: 10, turns, seconds: rounded(median(seconds)), secondsMost: rounded(Math.max(...seconds)) };
}

async function once(root, folder) {
  const rows = Array.from({ length: 10 }, (_, index) => `Person ${index},person${index}@example.com\n`);
  writeFileSync(join(folder, 'people.csv'), `name,email\n${rows.join('')}`);
  const inbox = join(folder, 'mail/new');
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/entrypoints/cli/main.js'), 'import', 'people.csv'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let seconds;
  for (let over = false; seconds === undefined && !over;) {
    over = await Promise.race([ended.then(() => true), new Promise((resolve) => setTimeout(resolve, 2, false))]);
    if (existsSync(inbox) && readdirSync(inbox).length > 0) seconds = (performance.now() - began) / 1000;
  }
  await ended;
  rmSync(folder, { recursive: true });
  if (seconds === undefined) throw new Error('No mail came.');
  return seconds;
}
