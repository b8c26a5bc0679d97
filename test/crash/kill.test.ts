import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { people } from '../../src/entrypoints/generate/people.ts';

/**
 * `rollcall import`, killed by SIGKILL in the middle and run again with the same command, ends as if nothing had happened.
 * A kill counts only if some but not all of the work was done by then.
 */

const command = join(import.meta.dirname, '../../dist/entrypoints/cli/main.js');
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

describe('killed while rows are stored', () =>
  killedAt({ rows: 120_000, mail: 'none', doneBy: storedRows, moments: [0.05, 0.25, 0.45, 0.65, 0.85] }));

describe('killed while welcomes are sent', () =>
  killedAt({ rows: 1_500, mail: 'maildir:mail', doneBy: mailsSent, moments: [0.05, 0.25, 0.45, 0.65, 0.85] }));

interface Work {
  readonly rows: number;
  readonly mail: string;
  /** How much of the work is done in a folder; behind the program's back. */
  readonly doneBy: (folder: string) => number;
  /** When to kill, as parts of the whole. */
  readonly moments: readonly number[];
}

function killedAt({ rows, mail, doneBy, moments }: Work): void {
  let undisturbed: Outcome;
  let whole: number;
  beforeAll(async () => {
    const folder = newFolder(rows);
    undisturbed = outcomeOf(folder, await run(folder, mail));
    whole = doneBy(folder);
  }, 120_000);

  test.each(moments)(
    'at %d of the work',
    async (moment) => {
      const folder = await killedFolder({ rows, mail, doneBy, at: Math.ceil(whole * moment), whole });
      expect(outcomeOf(folder, await run(folder, mail))).toStrictEqual(undisturbed);
    },
    120_000,
  );
}

/** What must be the same in the end; which of two rows with one address won is not promised. */
interface Outcome {
  readonly counts: Record<string, unknown>;
  readonly users: readonly string[];
  readonly rejections: readonly unknown[];
  readonly mails: readonly string[];
  readonly left: number;
}

function outcomeOf(folder: string, result: string): Outcome {
  const { seconds: _, ...counts } = JSON.parse(result) as Record<string, unknown>;
  const ask = (sql: string): unknown[] => withDatabase(folder, (db) => db.prepare(sql).pluck().all());
  const inbox = join(folder, 'mail/new');
  const mails = existsSync(inbox) ? readdirSync(inbox).map((name) => messageId(readFileSync(join(inbox, name), 'utf8'))) : [];
  return {
    counts,
    users: ask('SELECT key FROM users ORDER BY key') as string[],
    rejections: ask('SELECT row || code || cells FROM rejections ORDER BY row'),
    mails: mails.sort(),
    // The second request to read the same upload may lie there when all is done: whoever finds it has nothing to do.
    left: ask("SELECT count(*) FROM messages WHERE queue <> 'uploads'")[0] as number,
  };
}

/** A folder in which an import was killed amid its work. */
async function killedFolder({
  rows,
  mail,
  doneBy,
  at,
  whole,
}: {
  rows: number;
  mail: string;
  doneBy: Work['doneBy'];
  at: number;
  whole: number;
}): Promise<string> {
  for (let tries = 0; tries < 5; tries++) {
    const folder = newFolder(rows);
    const child = start(folder, mail);
    const ended = new Promise((resolve) => child.once('close', resolve));
    while (child.exitCode === null && doneBy(folder) < at) await pause(1);
    child.kill('SIGKILL');
    await ended;
    const done = doneBy(folder);
    if (done > 0 && done < whole) return folder;
  }
  throw new Error('No kill came in the middle of the work: it needs more rows.');
}

function newFolder(rows: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-crash-'));
  folders.push(folder);
  writeFileSync(join(folder, 'people.csv'), [...people(rows, 1, 5)].join(''));
  return folder;
}

function start(folder: string, mail: string): ChildProcess {
  return spawn(process.execPath, [command, 'import', 'people.csv', '--db', 'people.db', '--mail', mail, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(folder: string, mail: string): Promise<string> {
  const child = start(folder, mail);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`The command ended with ${String(code)}: ${stderr}`);
  return stdout;
}

function storedRows(folder: string): number {
  if (!existsSync(join(folder, 'people.db'))) return 0;
  return withDatabase(folder, (db) => {
    const made = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'imports'").pluck().get();
    return made === 0 ? 0 : ((db.prepare('SELECT sum(inserted + duplicates + rejected) FROM imports').pluck().get() as number | null) ?? 0);
  });
}

function mailsSent(folder: string): number {
  const inbox = join(folder, 'mail/new');
  return existsSync(inbox) ? readdirSync(inbox).length : 0;
}

function withDatabase<T>(folder: string, work: (db: Sqlite.Database) => T): T {
  const db = new Sqlite(join(folder, 'people.db'), { readonly: true, timeout: 10_000 });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function messageId(message: string): string {
  return /^Message-ID: (.*)$/im.exec(message)?.[1]?.trim() ?? 'none';
}
