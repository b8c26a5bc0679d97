#!/usr/bin/env node
/**
 * npm run bench:memory [-- ROWS]: the most memory that each bundled function ever holds on Node 24, and the processor's time that it takes a thousand rows, users or mails.
 * process-csv reads a file of 1 GB (22,000,000 rows, if nothing is said) in legs of one warm process; the others are fed with the largest events of such
 * a file until their memory does not grow any more: the peak after half of the work stands beside that of all. The services answer at once. Fails from 256 MB on.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node24 } from '../tools/node-24.mjs';
import { environmentAt } from './functions/environment.mjs';
import { landedEvent, memoryMb, queueEvent, startFunction } from './functions/lambda.mjs';
import { streamEvent, welcomeBody } from './functions/people.mjs';
import { startServices } from './functions/services.mjs';
import { people } from './import.mjs';

/** In MB; and never more than the function is given. */
const mostMb = 256;
/** How long a leg of reading takes, in seconds: short ones, so that there are some. */
const legSeconds = 20;
const rows = Number(process.argv[2] ?? 22_000_000);
const root = join(import.meta.dirname, '..');
const node = node24() ?? process.execPath;
const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
const services = await startServices();
const environment = { ...environmentAt(services.endpoint), ROLLCALL_LEG_SECONDS: String(legSeconds) };

/** So many events, each with how many rows, users or mails it holds. */
const repeated = (count, made) => Array.from({ length: count }, (_, n) => made(n));

try {
  process.stdout.write(
    `${'function'.padEnd(16)} ${['half MB', 'MB', 'limit', 'loading', 'done', 'per 1000'].map((name) => name.padStart(12)).join('')}\n`,
  );
  const csv = await people({ root, folder, rows, order: 'random' });
  await services.ask({ file: csv });
  await measure('process-csv', async (lambda) => {
    await lambda.invoke(landedEvent('people.csv', statSync(csv).size));
    let half;
    for (let legs = 0; ; legs += 1) {
      const { bodies, sent } = await services.ask({ newest: 'uploads' });
      if (sent === 0) return { half, work: rows, note: `${legs} legs, ${(statSync(csv).size / 1e9).toFixed(2)} GB` };
      await lambda.invoke(queueEvent('uploads', bodies));
      if (legs === 1) half = lambda.usage().megabytes;
    }
  });
  rmSync(csv);

  const { bodies: batches } = await services.ask({ newest: 'records' });
  const records = batches.reduce((sum, body) => sum + JSON.parse(body).rows, 0);
  await measure('insert-records', (lambda) =>
    feed(
      lambda,
      repeated(40, () => ({ event: queueEvent('records', batches), work: records })),
    ),
  );
  await measure('announce', (lambda) =>
    feed(
      lambda,
      repeated(150, (n) => ({ event: streamEvent(n * 2_000 + 1, 2_000), work: 2_000 })),
    ),
  );
  await measure('send-email', (lambda) =>
    feed(
      lambda,
      repeated(100, (n) => ({ event: queueEvent('welcomes', [welcomeBody(n * 400 + 1, 400)]), work: 400 })),
    ),
  );
  await services.ask({ users: 100_000 });
  await measure('sweep', (lambda) =>
    feed(
      lambda,
      repeated(4, () => ({ event: {}, work: 100_000 })),
    ),
  );
  await measure('generate-users', (lambda) =>
    feed(
      lambda,
      repeated(4, (n) => ({ event: { count: 500_000, seed: n }, work: 500_000 })),
    ),
  );
} finally {
  services.stop();
  rmSync(folder, { recursive: true });
}

/** Runs the events one after the other. */
async function feed(lambda, events) {
  let half;
  for (const [n, { event }] of events.entries()) {
    await lambda.invoke(event);
    if (n === Math.ceil(events.length / 2) - 1) half = lambda.usage().megabytes;
  }
  return { half, work: events.reduce((sum, { work }) => sum + work, 0), note: `${events.length} invocations` };
}

/** Has a fresh process work, and prints what it took. */
async function measure(stage, work) {
  const lambda = await startFunction(stage, { node, environment });
  try {
    const loading = lambda.usage();
    const { half, work: done, note } = await work(lambda);
    const { megabytes, cpuSeconds } = lambda.usage();
    const per = ((cpuSeconds - loading.cpuSeconds) * 1e6) / done;
    const limit = Math.min(mostMb, memoryMb[stage]);
    const columns = [half ?? '', megabytes, limit, `${loading.megabytes} MB`, done, `${per.toFixed(2)} ms`];
    process.stdout.write(`${stage.padEnd(16)} ${columns.map((column) => String(column).padStart(12)).join('')}  ${note}\n`);
    if (megabytes >= limit) process.exitCode = 1;
  } finally {
    await lambda.stop();
  }
}
