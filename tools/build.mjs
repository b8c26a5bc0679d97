#!/usr/bin/env node
/**
 * Builds the command and the console: one file for the command, one for its reading thread, and chunks that they share or load only when they are
 * needed. A file that holds its libraries starts several times as fast as hundreds of small ones. better-sqlite3 stays
 * outside, for it is compiled. Does nothing where nothing changed since the last build, so that `npm start` can call it every time.
 * Types are checked apart (`npm run types`).
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { consoleFiles } from './console.mjs';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const out = join(dist, 'entrypoints/cli');
const entries = ['src/entrypoints/cli/main.ts', 'src/entrypoints/worker/reader-thread.ts'];
/** What is no TypeScript, beside the file that looks for it. */
const welcome = 'src/adapters/handlebars/welcome';

const now = inputs();
const before = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
if (now !== before) await build();

async function build() {
  // The functions' bundles in dist/lambda are tools/bundle.mjs's.
  const old = existsSync(dist) ? readdirSync(dist).filter((name) => name !== 'lambda') : [];
  for (const name of old) rmSync(join(dist, name), { recursive: true, force: true });
  const { build: bundle } = await import('esbuild').catch(() => fail('esbuild is not installed: run `npm install` first.'));
  try {
    await bundle({
      absWorkingDir: root,
      entryPoints: entries,
      entryNames: '[name]',
      outdir: out,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      mainFields: ['module', 'main'],
      external: ['better-sqlite3'],
      sourcemap: true,
      // Libraries that are CommonJS ask for Node's own modules by `require`, which an ES module does not have.
      banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
      logLevel: 'warning',
    });
    const files = await consoleFiles(bundle);
    mkdirSync(join(out, 'console'), { recursive: true });
    for (const [name, bytes] of files) writeFileSync(join(out, 'console', name), bytes);
  } catch {
    fail('The build failed: see the errors above.');
  }
  cpSync(join(root, welcome), join(out, 'welcome'), { recursive: true });
  chmodSync(join(out, 'main.js'), 0o755);
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, now);
}

/** One line an input: path, size and time of change. */
function inputs() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return [
    ...sources,
    ...['tsconfig.json', 'package.json', 'package-lock.json', 'tools/build.mjs', 'tools/console.mjs'].map((path) => join(root, path)),
  ]
    .sort()
    .map((path) => {
      const { size, mtimeMs } = statSync(path);
      return `${path.slice(root.length + 1)}\t${size}\t${mtimeMs}\n`;
    })
    .join('');
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
