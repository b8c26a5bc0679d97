import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { people } from '../../src/entrypoints/generate/people.ts';
import { CountingMailServer } from './mail-server.ts';
import { mailsIn, outcomeOf, type Outcome } from './outcome.ts';
import { start } from './rollcall.ts';

/** How welcomes go out. */
export type MailKind = 'maildir' | 'smtp';

/** What the trials begin with: a file, an import of it that was begun, and what comes of it where nobody disturbs it. */
export interface Reference {
  readonly folder: string;
  readonly csv: string;
  /** An import in small batches, so that few rows have many moments; nothing of it is read. */
  readonly begun: string;
  readonly undisturbed: Readonly<Record<MailKind, Undisturbed>>;
}

interface Undisturbed {
  readonly outcome: Outcome;
  /** How many writes of each kind the command makes to its database. */
  readonly writes: Readonly<Record<string, number>>;
}

/** Few rows a batch: each batch is one more moment. More batches than the records queue takes, so that the reader has to wait, too. */
const batchRows = 2;

/** So much text in a column of no use makes a short file long: reading it takes several steps. */
const noteLength = 4_000;

export const sender = 'Crash <crash@example.com>';

/** Makes the file and its undisturbed runs in a new folder. */
export async function makeReference(rows: number, seed: number): Promise<Reference> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-crash-'));
  const csv = join(folder, 'people.csv');
  writeFileSync(csv, withNotes([...people(rows, seed, 8)].join('')));
  const files = { folder, csv, begun: await begin(csv, folder) };
  const undisturbed = { maildir: await runUndisturbed(files, 'maildir'), smtp: await runUndisturbed(files, 'smtp') };
  return { ...files, undisturbed };
}

export function removeReference({ folder }: Reference): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The command of a trial. */
export function importArgs(csv: string, mail: string, db = 'people.db'): readonly string[] {
  return ['import', csv, '--db', db, '--mail', mail, '--from', sender, '--json'];
}

async function runUndisturbed({ folder, csv, begun }: Pick<Reference, 'folder' | 'csv' | 'begun'>, kind: MailKind): Promise<Undisturbed> {
  const cwd = join(folder, `undisturbed-${kind}`);
  mkdirSync(cwd);
  copyFileSync(begun, join(cwd, 'people.db'));
  const server = await CountingMailServer.start();
  const mail = kind === 'smtp' ? `smtp://127.0.0.1:${server.port}` : 'maildir:mail';
  const counts = join(cwd, 'writes.json');
  try {
    const { code, stdout, stderr } = await start(importArgs(csv, mail), { cwd, preload: ['killSwitch'], env: { COUNT_INTO: counts } })
      .ended;
    if (code !== 0) throw new Error(`The undisturbed run ended with ${code}: ${stderr}`);
    return {
      outcome: outcomeOf(join(cwd, 'people.db'), stdout, kind === 'smtp' ? server.mails : mailsIn(join(cwd, 'mail'))),
      writes: JSON.parse(readFileSync(counts, 'utf8')) as Record<string, number>,
    };
  } finally {
    await server.close();
  }
}

/**
 * Begins an import and kills it before it has read anything. Its plan of reading stays with it, so that whoever goes on makes
 * batches as small as the plan is made to say.
 */
async function begin(csv: string, cwd: string): Promise<string> {
  const env = { KILL_AT: 'UPDATE imports:2:0' };
  const { signal, stderr } = await start(importArgs(csv, 'maildir:mail'), { cwd, preload: ['killSwitch'], env }).ended;
  if (signal !== 'SIGKILL') throw new Error(`An import could not be begun: ${stderr}`);
  const file = join(cwd, 'people.db');
  const db = new Sqlite(file);
  const planned = db
    .prepare("UPDATE imports SET head = json_set(head, '$.plan.batchRows', ?) WHERE json_type(head, '$.plan') = 'object'")
    .run(batchRows);
  db.close();
  if (planned.changes !== 1) throw new Error('The import that was begun has no plan.');
  return file;
}

/** Appends a long cell to every line that ends a row for sure: the header's and those of plain cells. */
function withNotes(csv: string): string {
  const note = 'n'.repeat(noteLength);
  return csv.replace(/^([^",\n]+,[^",\n@]+@[^",\n]+,[^",\n]*)$/gm, `$1,${note}`).replace(/^name,email,city$/m, 'name,email,city,note');
}
