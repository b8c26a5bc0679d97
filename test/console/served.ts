import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Scratch } from '../cli/command.ts';

/** Tests and tools run in the repository's folder. */
const main = join(process.cwd(), 'dist/entrypoints/cli/main.js');

/** `rollcall serve` as people run it: a process with a folder of its own. */
export class Served {
  readonly scratch = new Scratch();
  #args: readonly string[];
  #child: ChildProcess | undefined;
  #address = '';

  private constructor(args: readonly string[]) {
    this.#args = args;
  }

  static async start(...args: readonly string[]): Promise<Served> {
    const served = new Served(args);
    await served.begin('0');
    return served;
  }

  /** Where it answers, with a slash at the end. */
  get address(): string {
    return this.#address;
  }

  /** Starts it, or starts it again where it was. */
  async begin(port = new URL(this.#address).port, ...args: readonly string[]): Promise<void> {
    if (args.length > 0) this.#args = args;
    const child = spawn(process.execPath, [main, 'serve', '--port', port, ...this.#args], {
      cwd: this.scratch.path,
      env: { PATH: process.env['PATH'], TZ: 'UTC', ROLLCALL_LOG: 'warn' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    let said = '';
    for await (const part of child.stdout) {
      said += String(part);
      const address = /http:\/\/[^ ]+\/(?= )/.exec(said)?.[0];
      if (address === undefined) continue;
      this.#address = address;
      child.stdout.resume();
      return;
    }
    throw new Error(`The server said no address: ${said}`);
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Sends a file as a program would. @returns the import's id */
  async post(csv: string, query = ''): Promise<string> {
    const answer = await fetch(`${this.#address}imports?${query}`, { method: 'POST', body: csv, headers: { 'Content-Type': 'text/csv' } });
    return answer.headers.get('Location')?.split('/').at(-1) ?? '';
  }

  /** What the API answers. */
  async get(path: string): Promise<Record<string, unknown>> {
    return (await (await fetch(`${this.#address}${path}`)).json()) as Record<string, unknown>;
  }

  async end(): Promise<void> {
    await this.kill();
    this.scratch.remove();
  }
}
