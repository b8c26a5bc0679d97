import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The repository's root. */
export const root = join(import.meta.dirname, '../..');

/** A small source tree of its own, with this repository's settings and packages: what a rule says about it, it would say about ours. */
export class Tree {
  readonly path: string;

  /** @param files contents by path. */
  constructor(files: Readonly<Record<string, string>>) {
    this.path = mkdtempSync(join(tmpdir(), 'rollcall-tree-'));
    symlinkSync(join(root, 'node_modules'), join(this.path, 'node_modules'), 'dir');
    for (const setting of ['package.json', 'tsconfig.json', 'src/domain/tsconfig.json', 'eslint.config.js', '.dependency-cruiser.cjs']) {
      cpSync(join(root, setting), join(this.path, setting));
    }
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      writeFileSync(join(this.path, path), content);
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** What a tool said about a tree. */
export interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a development tool, named by its script below `node_modules`, in a directory. */
export function runTool(directory: string, script: string, ...args: readonly string[]): Said {
  const child = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  if (child.error !== undefined) throw child.error;
  return { status: child.status, out: child.stdout, err: child.stderr };
}
