#!/usr/bin/env node
/**
 * node tools/run.mjs FILE.ts ARGUMENTS…: bundles a program of the tests, which is TypeScript as they are, and runs it.
 */
import { spawnSync } from 'node:child_process';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';

const [file, ...args] = process.argv.slice(2);
const root = join(import.meta.dirname, '..');
// Inside of the repository, so that it finds the packages, which stay outside of the bundle.
const bundle = join(root, 'node_modules/.cache/rollcall', `${basename(resolve(file, '..'))}.mjs`);
await build({
  entryPoints: [resolve(file)],
  outfile: bundle,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, ['--enable-source-maps', bundle, ...args], { stdio: 'inherit' });
process.exitCode = status ?? 1;
