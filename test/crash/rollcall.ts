import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, wherever this file was bundled to. */
const root = rootAbove(dirname(fileURLToPath(import.meta.url)));

const command = join(root, 'dist/entrypoints/cli/main.js');
const preloads = { killSwitch: 'test/crash/kill-switch.mjs', shiftedClock: 'test/crash/shifted-clock.mjs' } as const;

export interface StartOptions {
  readonly cwd: string;
  /** What is loaded before the command. */
  readonly preload?: readonly (keyof typeof preloads)[];
  readonly env?: Readonly<Record<string, string>>;
  /** A shell script that runs `"$@"`, the command. */
  readonly within?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the built command as a process of its own. */
export function start(args: readonly string[], { cwd, preload = [], env = {}, within }: StartOptions): Running {
  const imports = preload.flatMap((name) => ['--import', join(root, preloads[name])]);
  const line = [process.execPath, ...imports, command, ...args];
  const [file, ...rest] = within === undefined ? line : ['sh', '-c', within, 'sh', ...line];
  const child = spawn(file!, rest, { cwd, env: { PATH: process.env['PATH'], TZ: 'UTC', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

/**
 * How a run ended. One that hangs is ended by a signal of its own.
 * @param hangsAfterMs a run that takes longer hangs; in milliseconds
 */
export async function settled({ child, ended }: Running, hangsAfterMs = 60_000): Promise<Ended> {
  const timer = setTimeout(() => child.kill('SIGABRT'), hangsAfterMs);
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}
