#!/usr/bin/env node
// npm run bench: prints the figures and writes them to reports/bench.json.
//   npm run bench                          everything, at 1,000,000 rows, medians of 5 turns
//   npm run bench -- import --rows 10000000 --turns 1
//   npm run bench -- welcomes | first-mail
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchFirstMail } from './first-mail.mjs';
import { benchImport } from './import.mjs';
import { benchWelcomes } from './welcomes.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '1000000' },
    turns: { type: 'string', default: '5' },
    mails: { type: 'string', default: '20000' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const [rows, turns, mails] = [values.rows, values.turns, values.mails].map(Number);
const wanted = (name) => positionals.length === 0 || positionals.includes(name);
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(values.folder, 'rollcall-bench-'));

const report = { at: new Date().toISOString(), node: process.version, cpus: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}` };
try {
  if (wanted('first-mail')) report.firstMail = await benchFirstMail({ root, folder, turns });
  if (wanted('welcomes')) report.welcomes = await benchWelcomes({ root, folder, count: mails, turns });
  if (wanted('import')) {
    report.import = [];
    for (const order of ['sequential', 'random']) report.import.push(await benchImport({ root, folder, rows, order, turns }));
  }
} finally {
  rmSync(folder, { recursive: true });
}
mkdirSync(join(root, 'reports'), { recursive: true });
writeFileSync(join(root, 'reports/bench.json'), `${JSON.stringify(report, undefined, 2)}\n`);
console.log(JSON.stringify(report, undefined, 2));
