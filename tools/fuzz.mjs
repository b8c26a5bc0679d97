#!/usr/bin/env node
/**
 * The property tests with many cases, all from one seed: `npm run fuzz` tries 100,000 cases a property, and takes a quarter of an
 * hour. `npm run fuzz -- --seed N --cases N` tries the very cases of another run; anything else goes to jest, such as a path or `-t NAME`.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const wanted = { seed: String(randomInt(1, 2 ** 31)), cases: '100000' };
const rest = [];
for (const args = process.argv.slice(2); args.length > 0;) {
  const [, name, value] = /^--(seed|cases)(?:=(.*))?$/.exec(args[0]) ?? [];
  const [given] = args.splice(0, 1);
  if (name === undefined) rest.push(given);
  else wanted[name] = whole(given, value ?? args.shift());
}
process.stdout.write(`Seed ${wanted.seed}, ${wanted.cases} cases a property.\n`);
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(root, 'node_modules/jest/bin/jest.js')];
const files = rest.some((argument) => argument.includes('/')) ? [] : ['test/fuzz', 'test/adapters/csv', 'test/adapters/hapi-address'];
const { status } = spawnSync(process.execPath, [...jest, '--verbose', ...files, ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_SEED: wanted.seed, FUZZ_CASES: wanted.cases },
});
process.exitCode = status ?? 1;

/** A number from 1 on, or the end. */
function whole(flag, value) {
  if (/^[1-9]\d*$/.test(value ?? '') && Number(value) < 2 ** 31) return value;
  process.stderr.write(`${flag} wants a whole number from 1 on, such as \`npm run fuzz -- --seed 42 --cases 5000\`.\n`);
  process.exit(2);
}
