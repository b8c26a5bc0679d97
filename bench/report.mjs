// What the benches share that print figures and write them down.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');

/**
 * Runs benches in a folder of their own, prints what they found and writes it to reports/NAME.json.
 * @param name of the file
 * @param defaults the options that are numbers, as texts; `--folder DIR` says where to work
 * @param benches by the names by which one is asked for: each gets the root, the folder and the options' numbers, and answers its figures
 */
export async function report(name, defaults, benches) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...Object.fromEntries(Object.entries(defaults).map(([option, value]) => [option, { type: 'string', default: value }])),
      folder: { type: 'string', default: tmpdir() },
    },
  });
  const numbers = Object.fromEntries(Object.keys(defaults).map((option) => [option, Number(values[option])]));
  const folder = mkdtempSync(join(values.folder, 'rollcall-bench-'));
  const found = { at: new Date().toISOString(), node: process.version, cpus: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}` };
  try {
    for (const [bench, { as = bench, run }] of Object.entries(benches)) {
      if (positionals.length === 0 || positionals.includes(bench)) found[as] = await run({ root, folder, ...numbers });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  mkdirSync(join(root, 'reports'), { recursive: true });
  writeFileSync(join(root, `reports/${name}.json`), `${JSON.stringify(found, undefined, 2)}\n`);
  console.log(JSON.stringify(found, undefined, 2));
}
