#!/usr/bin/env node
// npm run bench:http: prints the figures of the HTTP API and writes them to reports/bench-http.json.
//   npm run bench:http                         everything, at 1,000,000 rows, medians of 5 turns
//   npm run bench:http -- json --seconds 10 --turns 3
//   npm run bench:http -- stream | watchers
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchJson } from './http/json.mjs';
import { benchStream } from './http/stream.mjs';
import { benchWatchers } from './http/watchers.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '1000000' },
    turns: { type: 'string', default: '5' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    watchers: { type: 'string', default: '50' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const [rows, turns, rate, seconds, watchers] = [values.rows, values.turns, values.rate, values.seconds, values.watchers].map(Number);
const wanted = (name) => positionals.length === 0 || positionals.includes(name);
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(values.folder, 'rollcall-bench-'));

const report = { at: new Date().toISOString(), node: process.version, cpus: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}` };
try {
  if (wanted('json')) report.json = await benchJson({ root, folder, rate, seconds, turns });
  if (wanted('stream')) report.stream = await benchStream({ root, folder, rows, turns });
  if (wanted('watchers')) report.watchers = await benchWatchers({ root, folder, rows, watchers, turns });
} finally {
  rmSync(folder, { recursive: true });
}
mkdirSync(join(root, 'reports'), { recursive: true });
writeFileSync(join(root, 'reports/bench-http.json'), `${JSON.stringify(report, undefined, 2)}\n`);
console.log(JSON.stringify(report, undefined, 2));
