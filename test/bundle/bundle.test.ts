import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { functionSettings, variableOf } from '../../src/entrypoints/config.ts';

const root = join(import.meta.dirname, '../..');
const limits = JSON.parse(readFileSync(join(root, 'tools/bundle-limits.json'), 'utf8')) as Readonly<Record<string, number>>;
const stages = Object.keys(functionSettings);

let folder: string;
let out: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-bundle-'));
  out = bundleInto('first', 'Pacific/Auckland');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bundles as `npm run bundle` does, on a machine of this time zone. */
function bundleInto(name: string, zone: string): string {
  const place = join(folder, name);
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'tools/bundle.mjs'), place], {
    encoding: 'utf8',
    env: { ...process.env, TZ: zone },
  });
  expect([status, stderr]).toStrictEqual([0, '']);
  return place;
}

const digestsIn = (place: string) =>
  readdirSync(place).map((file) => [
    file,
    createHash('sha256')
      .update(readFileSync(join(place, file)))
      .digest('hex'),
  ]);

/** Loads a bundle in a process that has these variables alone. */
function load(stage: string, environment: Readonly<Record<string, string>>) {
  const program = `const { handler } = await import(${JSON.stringify(pathToFileURL(join(out, `${stage}.mjs`)).href)}); console.log(typeof handler);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { AWS_REGION: 'eu-central-1', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...environment },
  });
  return { status, stdout: stdout.trim(), stderr };
}

const environmentOf = (stage: string) =>
  Object.fromEntries(
    functionSettings[stage as keyof typeof functionSettings].map((setting) => [
      variableOf(setting),
      values[setting] ?? `https://sqs.example.com/1/${setting}`,
    ]),
  );
const values: Readonly<Record<string, string>> = {
  uploadsBucket: 'uploads',
  usersTable: 'users',
  importsTable: 'imports',
  welcomesTable: 'welcomes',
  from: 'welcome@example.com',
  configurationSet: 'rollcall-dev',
  legSeconds: '120',
};

describe('npm run bundle', () => {
  test('makes code, source map and zip of every function, and nothing else', () => {
    expect(readdirSync(out).sort()).toStrictEqual(
      stages.flatMap((stage) => ['.mjs', '.mjs.map', '.zip'].map((ending) => stage + ending)).sort(),
    );
  });

  test('the same sources give the same bytes, in another folder, in another time zone', () => {
    expect(digestsIn(bundleInto('second', 'America/Los_Angeles'))).toStrictEqual(digestsIn(out));
  }, 120_000);

  test.each(stages)('%s is as small as it has to be', (stage) => {
    expect(limits[stage]).toBeGreaterThan(0);
    expect(statSync(join(out, `${stage}.mjs`)).size).toBeLessThanOrEqual(limits[stage]!);
  });

  test.each(stages)('the zip of %s holds the file that its handler names, alone', (stage) => {
    const { name, content, files } = onlyFileOf(readFileSync(join(out, `${stage}.zip`)));
    expect([name, files]).toStrictEqual([`${stage}.mjs`, 1]);
    expect(content.equals(readFileSync(join(out, `${stage}.mjs`)))).toBe(true);
  });

  test.each(stages)('%s loads from its one file, with what it is told and no more', (stage) => {
    expect(load(stage, environmentOf(stage))).toStrictEqual({ status: 0, stdout: 'function', stderr: '' });
  });

  test.each(stages)('%s does not start where a variable is missing, and names it', (stage) => {
    const [first, ...rest] = Object.entries(environmentOf(stage));
    const { status, stderr } = load(stage, Object.fromEntries(rest));
    expect(status).toBe(1);
    expect(stderr).toContain(`ConfigInvalid: The environment variable ${first![0]} is not set; it must be `);
  });

  test('a function holds only what it uses', () => {
    const holds = (what: string) => stages.filter((stage) => readFileSync(join(out, `${stage}.mjs`), 'utf8').includes(what)).sort();
    expect(holds(readFileSync(join(root, 'src/adapters/handlebars/welcome/subject.hbs'), 'utf8').trim())).toStrictEqual(['send-email']);
    expect(holds('multipart/alternative')).toStrictEqual(['send-email']);
    expect(holds('gb18030')).toStrictEqual(['http', 'process-csv']);
    expect(holds('s3:GetObject')).toStrictEqual(['http', 'process-csv']);
    expect(holds('text/event-stream')).toStrictEqual(['http']);
    // Of the console its page, out of the languages of zod one.
    expect(holds('<noscript>Rollcall')).toStrictEqual(['http']);
    expect(holds('Input non valido')).toStrictEqual([]);
  });
});

/** The file of a zip that holds one (APPNOTE.TXT, 4.3.7 and 4.3.16). */
function onlyFileOf(zip: Buffer): { readonly name: string; readonly content: Buffer; readonly files: number } {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const central = zip.readUInt32LE(end + 16);
  const [nameLength, extraLength] = [zip.readUInt16LE(26), zip.readUInt16LE(28)];
  const begin = 30 + nameLength + extraLength;
  const content = inflateRawSync(zip.subarray(begin, begin + zip.readUInt32LE(central + 20)));
  return { name: zip.toString('latin1', 30, 30 + nameLength), content, files: zip.readUInt16LE(end + 10) };
}
