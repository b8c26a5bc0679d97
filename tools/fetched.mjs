/**
 * Fetches one npm package past node_modules, checks it, and unpacks a part of it into `.cache/`, once. For programs that are too large to be
 * dependencies, or whose `bin` would stand before another program.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const cache = join(import.meta.dirname, '..', '.cache');

/**
 * Makes sure of a package's part.
 * @param {{ name: string, version: string, sha512: string, part: string, as: string }} wanted `sha512` in Base64; `part` is a path within the
 * package; `as` names the folder of the cache
 * @returns {string} where it lies: a folder, or a file
 */
export function fetched({ name, version, sha512, part, as }) {
  const place = join(cache, `${as}-${version}`);
  // Whoever finds it finds it whole: it is made under another name.
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, 'making-'));
  try {
    run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', making]);
    const archive = join(making, `${name}-${version}.tgz`);
    const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (found !== sha512) throw new Error(`${name}@${version} is not what it was: its SHA-512 is ${found}, and ${sha512} is expected.`);
    run('tar', ['-xzf', archive, '-C', making, `package/${part}`]);
    try {
      renameSync(join(making, 'package', part), place);
    } catch (error) {
      // Another run was faster.
      if (!existsSync(place)) throw error;
    }
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return place;
}

function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr.trim()}`);
}
