#!/usr/bin/env node
/**
 * node tools/bundle.mjs [FOLDER]: bundles the functions for Lambda into dist/lambda, or into FOLDER. Each becomes STAGE.mjs, with its source map
 * beside it, and STAGE.zip, which holds STAGE.mjs alone. The same sources and packages give the same bytes, on any machine at any time, so that a
 * deployment replaces only what changed.
 */
import { createWriteStream, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { consoleFiles } from './console.mjs';

const root = join(import.meta.dirname, '..');
const sources = join(root, 'src/entrypoints/lambda');
const out = resolve(process.argv[2] ?? join(root, 'dist/lambda'));

const { build } = await import('esbuild').catch(() => notInstalled('esbuild'));
const { ZipFile } = (await import('yazl').catch(() => notInstalled('yazl'))).default;
/** A file that exports a handler is a function; the others are what functions share. */
const stages = readdirSync(sources)
  .filter((file) => /^export const handler\b/m.test(readFileSync(join(sources, file), 'utf8')))
  .map((file) => file.replace('.ts', ''))
  .sort();

/** The welcome's sources in the place of the module that reads them from its folder. */
const standardWelcome = {
  name: 'standard-welcome',
  setup(build) {
    build.onLoad({ filter: /handlebars[\\/]standard-welcome\.ts$/ }, ({ path }) => {
      const read = (file) => readFileSync(join(path, '../welcome', file), 'utf8');
      const sources = { subject: read('subject.hbs'), html: read('body.html.hbs'), text: read('body.txt.hbs') };
      return { contents: `export const standardWelcome = ${JSON.stringify(sources)};`, loader: 'js' };
    });
  },
};

/** The console's files in the place of the module that has none, and the version in that of the one that reads package.json. */
const consoleAndVersion = {
  name: 'console-and-version',
  setup(build_) {
    build_.onLoad({ filter: /lambda[\\/]console-files\.ts$/ }, async () => {
      const files = Object.fromEntries((await consoleFiles(build)).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]));
      return { contents: `export const consoleFiles = ${JSON.stringify(files)};`, loader: 'js' };
    });
    build_.onLoad({ filter: /cli[\\/]version\.ts$/ }, () => {
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      return { contents: `export const version = () => ${JSON.stringify(version)};`, loader: 'js' };
    });
  },
};

/** Of the languages in which zod can tell what is wrong, the one in which it does: the others are as large as a function. */
const oneLanguage = {
  name: 'one-language',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

/**
 * Node's own modules by `require`, whoever imports them: an import reads every property of the module, those too that Node loads only when they are
 * asked for. `node:http` has one that brings in all of undici.
 */
const builtinsByRequire = {
  name: 'builtins-by-require',
  setup(build) {
    const namespace = 'builtin';
    build.onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) =>
      isBuiltin(path) && kind !== 'require-call' ? { path, namespace, sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const stage of stages) await bundle(stage);
for (const stage of stages) {
  await zip(stage);
  const [code, zipped] = ['mjs', 'zip'].map((ending) => (statSync(join(out, `${stage}.${ending}`)).size / 1000).toFixed(0).padStart(5));
  process.stdout.write(`${stage.padEnd(16)} ${code} KB, zipped ${zipped} KB\n`);
}

async function bundle(stage) {
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [join(sources, `${stage}.ts`)],
      outfile: join(out, `${stage}.mjs`),
      bundle: true,
      minify: true,
      // Errors are told by their names, in logs and in answers.
      keepNames: true,
      legalComments: 'none',
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      mainFields: ['module', 'main'],
      sourcemap: true,
      plugins: [standardWelcome, consoleAndVersion, oneLanguage, builtinsByRequire],
      // Libraries that are CommonJS ask for Node's own modules by `require`, which an ES module does not have.
      banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
      logLevel: 'warning',
    });
  } catch (error) {
    if (!error.errors) throw error;
    fail(`${stage} could not be bundled: see the errors above.`);
  }
}

async function zip(stage) {
  const file = new ZipFile();
  // A zip's times are those of a clock on the wall: this one is the same bytes in every time zone.
  const options = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true, mode: 0o100644, compressionLevel: 9 };
  file.addBuffer(readFileSync(join(out, `${stage}.mjs`)), `${stage}.mjs`, options);
  file.end();
  await pipeline(file.outputStream, createWriteStream(join(out, `${stage}.zip`)));
}

function notInstalled(name) {
  return fail(`${name} is not installed: run \`npm install\` first.`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
