#!/usr/bin/env node
/**
 * npm run bench:cold [-- RUNS]: how large each function's bundle is, and how long it takes to load: its code, and the container that is composed
 * once. Each load has a fresh process of Node 24, on which Lambda runs it; the median counts (of 9, if nothing is said). Beside it stands the
 * processor's time, which a busy machine does not stretch as much. Fails where a bundle is larger than it may be, or takes more than 150 ms.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { node24 } from '../tools/node-24.mjs';
import { environmentAt } from './functions/environment.mjs';
import { median, run } from './measure.mjs';

const mostMs = 150;
/** How large each bundle may be, in bytes. */
const limits = JSON.parse(readFileSync(join(import.meta.dirname, '../tools/bundle-limits.json'), 'utf8'));
const runs = Number(process.argv[2] ?? 9);
const folder = join(import.meta.dirname, '../dist/lambda');
const node = node24();
if (!node) process.stderr.write('There is no Node 24 for this machine: the times are those of the Node that runs this.\n');

const program = `
const [began, used] = [performance.now(), process.cpuUsage()];
await import(process.argv[1]);
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ ms: performance.now() - began, cpuMs: (user + system) / 1000 }));`;

process.stdout.write(`${'function'.padEnd(16)}     KB   limit     ms  (cpu)\n`);
for (const file of readdirSync(folder).filter((name) => name.endsWith('.mjs'))) {
  const stage = file.replace('.mjs', '');
  const bytes = statSync(join(folder, file)).size;
  const loads = [];
  for (let turn = 0; turn < runs; turn += 1) {
    const { stdout } = await run(node ?? process.execPath, ['--input-type=module', '-e', program, join(folder, file)], {
      env: environmentAt(),
    });
    loads.push(JSON.parse(stdout));
  }
  const [ms, cpuMs] = [median(loads.map((load) => load.ms)), median(loads.map((load) => load.cpuMs))];
  const fits = bytes <= limits[stage] && ms <= mostMs;
  if (!fits) process.exitCode = 1;
  const columns = [(bytes / 1000).toFixed(0), (limits[stage] / 1000).toFixed(0), ms.toFixed(0), `(${cpuMs.toFixed(0)})`];
  process.stdout.write(`${stage.padEnd(16)} ${columns.map((column) => column.padStart(6)).join(' ')}${fits ? '' : '  too much'}\n`);
}
