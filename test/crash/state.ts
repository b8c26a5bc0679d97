import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { ImportHead } from '../../src/ports/import-ledger.ts';

/** A database as it is seen behind the command's back. */
export interface State {
  /** That of the import; nothing where there is none yet. */
  readonly reading: ImportHead['state'] | undefined;
  /** Batches on the records queue. */
  readonly onQueue: number;
  /** Rows that have their outcome. */
  readonly stored: number;
  readonly users: number;
  /** Users who wait to be announced. */
  readonly fed: number;
  /** Welcomes by the state of their record. */
  readonly claimed: number;
  readonly sent: number;
  /** Welcomes that are left uncertain for good. */
  readonly uncertain: number;
  /** Welcomes that are claimed and were uncertain before. */
  readonly claimedAgain: number;
  /** Changes whenever any worker does anything. */
  readonly fingerprint: string;
}

/** The stages that a kill can come amid. */
export const stages = ['process-csv', 'insert-records', 'announce', 'send-email'] as const;
export type Stage = (typeof stages)[number];

/**
 * The stage that a kill came amid, by what the database shows: the one that was aimed at if it had done some of its work and not
 * all, else the first one of which this is so. Nothing where no row was on its way yet, or all was done.
 */
export function stageAmid(state: State, aim: Stage): Stage | undefined {
  return [aim, ...stages].find((stage) => amid[stage](state));
}

/** Looks into the database; nothing where it is not made yet. */
export function stateOf(file: string): State | undefined {
  if (!existsSync(file)) return undefined;
  return withDatabase(file, (db) => {
    const one = (sql: string): number => db.prepare(sql).pluck().get() as number;
    if (one("SELECT count(*) FROM sqlite_schema WHERE name = 'settings'") === 0) return undefined;
    const reading = db.prepare("SELECT json_extract(head, '$.state') FROM imports").pluck().get() as ImportHead['state'] | undefined;
    const welcomes = (state: string): number => one(`SELECT count(*) FROM welcomes WHERE state = '${state}'`);
    return {
      reading,
      onQueue: one("SELECT count(*) FROM messages WHERE queue = 'records'"),
      stored: one('SELECT coalesce(sum(inserted + updated + duplicates + rejected), 0) FROM imports'),
      users: one('SELECT count(*) FROM users'),
      fed: one('SELECT count(*) FROM feed'),
      claimed: welcomes('claimed'),
      sent: welcomes('sent'),
      uncertain: welcomes('uncertain'),
      claimedAgain: one("SELECT count(*) FROM welcomes WHERE state = 'claimed' AND uncertain_sends > 0"),
      fingerprint: String(
        db
          .prepare(
            `SELECT (SELECT count(*) || '/' || sum(receives) FROM messages) || (SELECT count(*) || '/' || sum(revision) FROM welcomes)
                 || (SELECT count(*) FROM users) || '/' || (SELECT max(revision) FROM imports)`,
          )
          .pluck()
          .get(),
      ),
    };
  });
}

/** The users whose welcome is claimed. Where nobody is at work, the send of each of these is uncertain. */
export function claimedUsers(file: string): readonly string[] {
  return withDatabase(file, (db) => db.prepare("SELECT user_id FROM welcomes WHERE state = 'claimed'").pluck().all() as string[]);
}

/** Opens a database to look into it. */
export function withDatabase<T>(file: string, work: (db: Sqlite.Database) => T): T {
  const db = new Sqlite(file, { readonly: true, timeout: 10_000 });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

const amid: Readonly<Record<Stage, (state: State) => boolean>> = {
  // Some rows are on the queue or have their outcome, and reading has not come to its end.
  'process-csv': ({ reading, onQueue, stored }) => reading === 'reading' && onQueue + stored > 0,
  // Some rows have their outcome, and others wait on the queue for it.
  'insert-records': ({ stored, onQueue }) => stored > 0 && onQueue > 0,
  // Some users wait to be announced.
  announce: ({ fed }) => fed > 0,
  // Some welcomes are claimed or sent, and not all are sent.
  'send-email': ({ claimed, sent, users }) => claimed + sent > 0 && sent < users,
};
