import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';

const main = fileURLToPath(new URL('../../dist/entrypoints/cli/main.js', import.meta.url));

/** How a command ended. The scratch folder stands as `DIR` in its words, and every port of this machine as `PORT`. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** Signals that are sent, one after the other, as soon as their time has come. */
  readonly signals?: readonly { readonly signal: NodeJS.Signals; readonly when: (stderr: string) => boolean }[];
  /** Runs without root's right to pass over permissions. */
  readonly unprivileged?: boolean;
  /** A shell script that runs `"$@"`, the command. */
  readonly within?: string;
}

/** What lies in a folder: users, welcomes that were sent, the counts of each import, and mails. */
export interface Kept {
  readonly users: number;
  readonly welcomed: number;
  readonly imports: readonly unknown[];
  readonly mails: readonly string[];
}

/** A folder of a test's own, in which it runs the command as people do: as a process. */
export class Scratch {
  readonly path: string;

  /** @param like a scratch whose files it begins with */
  constructor(like?: Scratch) {
    this.path = realpathSync(mkdtempSync(join(tmpdir(), 'rollcall-cli-')));
    if (like) cpSync(like.path, this.path, { recursive: true });
  }

  /** Writes a file into it. */
  write(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
  }

  at(name: string): string {
    return join(this.path, name);
  }

  read(name: string): string {
    return readFileSync(this.at(name), 'utf8');
  }

  has(name: string): boolean {
    return existsSync(this.at(name));
  }

  names(): readonly string[] {
    return readdirSync(this.path).sort();
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    if (!existsSync(main))
      throw new Error(`The command is not built: ${main} is missing. Run \`npm run build\` first; \`npm test\` does it by itself.`);
    const unprivileged = options.unprivileged && process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
    const command = [...unprivileged, process.execPath, main, ...args];
    const [file, ...rest] = options.within === undefined ? command : ['sh', '-c', options.within, 'sh', ...command];
    const child = spawn(file!, rest, { cwd: this.path, env: { PATH: process.env['PATH'], TZ: 'UTC', ...options.env } });
    child.stdin.on('error', () => undefined).end(options.stdin ?? '');
    const [stdout, stderr] = [collected(child.stdout), collected(child.stderr)];
    const signals = [...(options.signals ?? [])];
    const watching = setInterval(() => {
      const [next] = signals;
      if (!next?.when(stderr())) return;
      signals.shift();
      child.kill(next.signal);
    }, 5);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        clearInterval(watching);
        resolve({ code, stdout: this.#normal(stdout()), stderr: this.#normal(stderr()) });
      });
    });
  }

  /** What a command printed with --json, one object a line. */
  async json(args: readonly string[], options?: RunOptions): Promise<readonly Record<string, unknown>[]> {
    const { stdout } = await this.run(args, options);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** What is stored, looked up behind the command's back. */
  kept(db = 'rollcall.db'): Kept {
    const opened = new Sqlite(this.at(db), { readonly: true });
    try {
      const users = opened.prepare('SELECT count(*) FROM users').pluck().get() as number;
      const imports = opened.prepare('SELECT inserted, updated, duplicates, rejected FROM imports ORDER BY number').all();
      const welcomed = opened.prepare("SELECT count(*) FROM welcomes WHERE state = 'sent'").pluck().get() as number;
      return { users, welcomed, imports, mails: this.mails() };
    } finally {
      opened.close();
    }
  }

  /** Whether there is a user yet; also while the database is being made. */
  hasUsers(db = 'rollcall.db'): boolean {
    if (!this.has(db)) return false;
    const opened = new Sqlite(this.at(db), { readonly: true });
    try {
      const isMade = opened.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'users'").pluck().get() === 1;
      return isMade && opened.prepare('SELECT 1 FROM users LIMIT 1').get() !== undefined;
    } finally {
      opened.close();
    }
  }

  /** How many dead letters there are. */
  deadLetters(db = 'rollcall.db'): number {
    const opened = new Sqlite(this.at(db), { readonly: true });
    try {
      return opened.prepare('SELECT count(*) FROM dead_letters').pluck().get() as number;
    } finally {
      opened.close();
    }
  }

  mails(folder = 'mail'): readonly string[] {
    return this.has(`${folder}/new`) ? readdirSync(this.at(`${folder}/new`)).sort() : [];
  }

  #normal(text: string): string {
    return text.replaceAll(this.path, 'DIR').replaceAll(/(127\.0\.0\.1|localhost):\d+/g, '$1:PORT');
  }
}

/** Runs at most so many things at once: children share the machine's few cores. */
export function limited(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (work) => {
    if (underWay >= most) await new Promise<void>((enter) => waiting.push(enter));
    else underWay++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else underWay--;
    }
  };
}

function collected(stream: NodeJS.ReadableStream): () => string {
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString();
}
