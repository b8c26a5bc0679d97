// Welcomes over SMTP to a local sink, against a bare nodemailer pool that sends the same messages.
import { fork, spawn } from 'node:child_process';
import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { median, rounded, run } from './measure.mjs';

/** How many connections the bare pool may open: as many as the product does. */
const connections = 8;

/** @returns medians over the turns: mails a second at the sink, of the bare pool and of the product, and their ratio */
export async function benchWelcomes({ root, folder, count, turns }) {
  const csv = join(folder, `people-${count}.csv`);
  const people = spawn(process.execPath, [join(root, 'bench/people.mjs'), String(count), 'random'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await pipeline(people.stdout, createWriteStream(csv));
  const sink = fork(join(root, 'bench/sink.mjs'));
  const { port } = await next(sink);

  const results = [];
  for (let turn = 0; turn < turns; turn++) {
    await run(process.execPath, [join(root, 'bench/bare-pool.mjs'), String(port), csv, String(connections)], { cwd: root });
    const bare = await arrived(sink, count);
    const db = join(folder, 'welcomes.db');
    const args = ['import', csv, '--db', db, '--mail', `smtp://127.0.0.1:${port}`, '--from', 'Bench <bench@example.com>', '--json'];
    await run(process.execPath, [join(root, 'dist/entrypoints/cli/main.js'), ...args], { cwd: folder });
    const product = await arrived(sink, count);
    for (const file of [db, `${db}-wal`, `${db}-shm`]) rmSync(file, { force: true });
    results.push({ bare, product, ratio: product / bare });
    process.stderr.write(
      `  turn ${turn + 1}: bare pool ${bare.toFixed(0)} mails/s, product ${product.toFixed(0)} mails/s, ratio ${(product / bare).toFixed(2)}\n`,
    );
  }
  sink.send('stop');
  rmSync(csv);
  return {
    count,
    turns,
    barePoolPerSecond: rounded(median(results.map(({ bare }) => bare))),
    productPerSecond: rounded(median(results.map(({ product }) => product))),
    ratio: rounded(median(results.map(({ ratio }) => ratio))),
  };
}

/** Mails a second, from the first that arrived to the last. */
async function arrived(sink, count) {
  sink.send('count');
  const seen = await next(sink);
  if (seen.count !== count) throw new Error(`${seen.count} of ${count} mails arrived.`);
  return seen.count / seen.seconds;
}

function next(child) {
  return new Promise((resolve) => child.once('message', resolve));
}
