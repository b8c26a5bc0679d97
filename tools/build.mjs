#!/usr/bin/env node
/**
 * Builds `dist` from `src`: compiles, copies what is no TypeScript (the default welcome) and makes the command executable.
 * Does nothing where nothing changed since the last build, so that `npm start` can call it every time.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const command = join(dist, 'entrypoints/cli/main.js');
const assets = ['adapters/handlebars/welcome'];

const now = inputs();
const before = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
if (now !== before) build();

function build() {
  // A source that is gone must not live on in dist.
  const gone = pathsOf(before).some((path) => !existsSync(join(root, path)));
  if (gone) rmSync(dist, { recursive: true, force: true });
  rmSync(stamp, { force: true });

  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) fail('The compiler is not installed: run `npm install` first.');
  const compiled = spawnSync(process.execPath, [compiler, '-p', root], { cwd: root, stdio: ['ignore', 2, 2] });
  if (compiled.status !== 0) fail('The build failed: see the errors above.');

  for (const asset of assets.filter((path) => existsSync(join(root, 'src', path)))) {
    rmSync(join(dist, asset), { recursive: true, force: true });
    cpSync(join(root, 'src', asset), join(dist, asset), { recursive: true });
  }
  if (existsSync(command)) chmodSync(command, 0o755);
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, now);
}

/** One line an input: path, size and time of change. */
function inputs() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return [...sources, ...['tsconfig.json', 'package.json', 'package-lock.json', 'tools/build.mjs'].map((path) => join(root, path))]
    .sort()
    .map((path) => {
      const { size, mtimeMs } = statSync(path);
      return `${path.slice(root.length + 1)}\t${size}\t${mtimeMs}\n`;
    })
    .join('');
}

function pathsOf(inputs) {
  return inputs
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0]);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
