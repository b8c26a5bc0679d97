#!/usr/bin/env node
/**
 * npm run bench:process-csv [-- ROWS [TURNS]]: how many rows a second process-csv reads from S3, validates and sends, as it is bundled, on Node 24; and bare
 * csv-parse over the same file, turn by turn. The services answer at once. 1,000,000 rows and 3 turns, if nothing is said; the medians count. Fails below a third.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node24 } from '../tools/node-24.mjs';
import { environmentAt } from './functions/environment.mjs';
import { landedEvent, queueEvent, startFunction } from './functions/lambda.mjs';
import { startServices } from './functions/services.mjs';
import { people } from './import.mjs';
import { median, run } from './measure.mjs';

const least = 1 / 3;
const [rows, turns] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 3)];
const root = join(import.meta.dirname, '..');
const node = node24() ?? process.execPath;
const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
const services = await startServices();
const results = [];
try {
  const csv = await people({ root, folder, rows, order: 'random' });
  await services.ask({ file: csv });
  for (let turn = 1; turn <= turns; turn += 1) {
    const bare = JSON.parse((await run(node, [join(import.meta.dirname, 'functions/bare-parse.mjs'), csv], { cwd: root })).stdout);
    if (bare.rows !== rows) throw new Error(`csv-parse found ${bare.rows} rows.`);
    const product = await read(csv, `turn-${turn}.csv`);
    results.push({ bare: bare.seconds, ...product, ratio: bare.seconds / product.seconds, cpuRatio: bare.cpuSeconds / product.cpuSeconds });
    const { ratio, cpuSeconds } = results.at(-1);
    process.stderr.write(
      `  turn ${turn}: csv-parse ${bare.seconds.toFixed(2)} s, process-csv ${product.seconds.toFixed(2)} s (cpu ${cpuSeconds.toFixed(2)} s, ${product.megabytes} MB), rate ${ratio.toFixed(2)} of it\n`,
    );
  }
} finally {
  services.stop();
  rmSync(folder, { recursive: true });
}
const middle = (name) => median(results.map((result) => result[name]));
const perSecond = (seconds) => Math.round(rows / seconds).toLocaleString('en');
process.stdout.write(`${rows} rows, medians of ${turns} turns
csv-parse    ${perSecond(middle('bare')).padStart(9)} rows/s
process-csv  ${perSecond(middle('seconds')).padStart(9)} rows/s, ${middle('cpuSeconds').toFixed(2)} s of a processor, ${middle('messages')} messages
ratio        ${middle('ratio').toFixed(2).padStart(9)}   at least ${least.toFixed(2)}; by the processor's time, which a busy machine stretches less, ${middle('cpuRatio').toFixed(2)}\n`);
if (middle('ratio') < least) process.exitCode = 1;

/** Has a fresh process read the file: the import begins by S3's event, which is not counted, and is read by the message that follows from it. */
async function read(csv, key) {
  const lambda = await startFunction('process-csv', {
    node,
    environment: environmentAt(services.endpoint),
  });
  try {
    await lambda.invoke(landedEvent(key, statSync(csv).size));
    const { bodies } = await services.ask({ newest: 'uploads' });
    const before = lambda.usage();
    const { seconds } = await lambda.invoke(queueEvent('uploads', bodies));
    const { cpuSeconds, megabytes } = lambda.usage();
    const { sent } = await services.ask({ newest: 'records' });
    if (sent === 0) throw new Error('Nothing was sent.');
    return { seconds, cpuSeconds: cpuSeconds - before.cpuSeconds, megabytes, messages: sent };
  } finally {
    await lambda.stop();
  }
}
