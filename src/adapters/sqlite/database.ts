import { closeSync, existsSync, fdatasync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import Sqlite, { type Database, type Statement } from 'better-sqlite3';
import { DatabaseForeign, DatabaseNewer, DatabaseUnopenable, explained, isSqliteError } from './errors.ts';
import { migrations } from './schema.ts';

const fdatasyncFile = promisify(fdatasync);

/** Marks a file as ours: "Roll" in ASCII (sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x526f6c6c;

/** How long a statement waits for another process's transaction, in milliseconds. */
const busyMs = 10_000;

/** The page cache, in KiB. */
const cacheKiB = 8_192;

/**
 * The pages after which the log is written back. A long log pays off where many rows change the same pages. A short one is soon used again
 * from its start: then a sync writes pages and nothing else, while one of a file that grows waits for whatever else the disk has to write.
 */
const checkpointPages = { many: 100_000, few: 4_000 };

/** So many users in one transaction are many; and after so many transactions in a row without, few are expected. */
const manyUsers = 1_000;
const calmAfter = 16;

/** How often the time is noted, and how little it may go back without counting as a clock that was set back: both in milliseconds. */
const noteMs = 1_000;
const slackMs = 1_000;

export interface OpenOptions {
  /** Fails where there is no database yet. */
  readonly mustExist?: boolean;
}

/**
 * One file that holds everything: users, queues, ledgers. Write-ahead log; a transaction survives the process as soon as
 * it is committed (synchronous=NORMAL), and a power cut as soon as `sync` has resolved after it.
 */
export class SqliteDatabase {
  readonly file: string;
  readonly #db: Database;
  readonly #statements = new Map<string, Statement>();
  readonly #log: number;
  /** The time that this process noted last. */
  #noted = -Infinity;
  /** How many transactions in a row stored few users. */
  #calm = 0;
  #syncing: Promise<void> | undefined;
  #nextSync: Promise<void> | undefined;

  /** @throws DatabaseUnopenable, DatabaseForeign, DatabaseNewer */
  constructor(file: string, { mustExist = false }: OpenOptions = {}) {
    this.file = file;
    try {
      this.#db = new Sqlite(file, { timeout: busyMs, fileMustExist: mustExist });
      // Before anything is written: the journal's mode is kept in the file, which may be another program's.
      this.#refuseOthers();
      this.#db.pragma('journal_mode = WAL');
      this.#db.pragma('synchronous = NORMAL');
      this.#db.pragma(`cache_size = -${cacheKiB}`);
      this.#db.pragma(`wal_autocheckpoint = ${checkpointPages.many}`);
      this.#migrate();
      this.#log = openSync(`${file}-wal`, 'r+');
    } catch (error) {
      if (!existsSync(dirname(file))) {
        throw new DatabaseUnopenable(`There is no folder ${dirname(file)} for the database.`, {
          cause: error,
          hint: 'Make the folder, or name another file with --db.',
        });
      }
      if (!isSqliteError(error)) throw error;
      const { what, hint } = explained(error);
      if (error.code === 'SQLITE_NOTADB') throw new DatabaseForeign(`${file} ${what}.`, { cause: error, ...(hint && { hint }) });
      throw new DatabaseUnopenable(`The database ${file} ${what}.`, { cause: error, ...(hint && { hint }) });
    }
  }

  /** The statement, prepared once. */
  statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  /** All of `work` or nothing of it, with no other process's writes in between (BEGIN IMMEDIATE). */
  transaction<T>(work: () => T): T {
    if (this.#db.inTransaction) return work();
    return this.#db.transaction(work).immediate();
  }

  /**
   * Resolves when all that is committed now has reached the disk. It does what synchronous=FULL does after each commit,
   * but in another thread, and once for all who ask while it runs.
   */
  sync(): Promise<void> {
    // A sync that runs already may have begun before the caller's commit: that caller needs the one after it.
    if (this.#syncing) return (this.#nextSync ??= this.#syncing.then(() => this.#startSync()));
    return this.#startSync();
  }

  /** The small number that stands for an import in the tables; to be called in a transaction. */
  importNumber(id: string, at: number): number {
    const find = this.statement('SELECT number FROM import_names WHERE id = ?').pluck();
    const known = find.get(id) as number | undefined;
    if (known !== undefined) return known;
    return Number(this.statement('INSERT INTO import_names (id, at) VALUES (?, ?)').run(id, at).lastInsertRowid);
  }

  /**
   * If no other process has the database open, everything that is in flight belongs to a process that died: it becomes
   * available at once instead of when its time is over. Another process's lock on the file tells (sqlite.org/pragma.html#pragma_locking_mode).
   * @returns whether this process is alone
   */
  endLeasesOfTheDead(now: number): boolean {
    this.#db.pragma('busy_timeout = 0');
    this.#db.pragma('locking_mode = EXCLUSIVE');
    try {
      this.transaction(() => {
        this.statement('UPDATE messages SET visible_at = ?, taken = 0 WHERE taken = 1').run(now);
        this.statement("UPDATE welcomes SET lease_until = ? WHERE state = 'claimed' AND lease_until > ?").run(now, now);
        this.statement('DELETE FROM feed_lease').run();
        this.statement("UPDATE imports SET head = json_remove(head, '$.lease') WHERE json_type(head, '$.lease') IS NOT NULL").run();
      });
      return true;
    } catch (error) {
      if (isSqliteError(error) && error.code.startsWith('SQLITE_BUSY')) return false;
      throw error;
    } finally {
      this.#db.pragma('locking_mode = NORMAL');
      // The lock is let go of by the next access only.
      this.statement('SELECT count(*) FROM settings').get();
      this.#db.pragma(`busy_timeout = ${busyMs}`);
    }
  }

  /**
   * Notes the time of day, for all who have the database open. Where the machine's clock was set back since anyone noted it last,
   * whatever waits for a time comes that much earlier: it would wait as much longer than it was meant to, as long as the clock is behind.
   */
  noteTime(now: number): void {
    if (now > this.#noted - slackMs && now < this.#noted + noteMs) return;
    this.transaction(() => {
      const noted = this.statement("SELECT value FROM settings WHERE name = 'latest-time'").pluck().get() as string | undefined;
      const back = Number(noted ?? now) - now;
      if (back > slackMs) this.#comeEarlier(back, now);
      this.statement("INSERT OR REPLACE INTO settings (name, value) VALUES ('latest-time', ?)").run(String(now));
    });
    this.#noted = now;
  }

  /** Hears how many users a transaction is about to store, and keeps the log as long as is good for more of its kind. */
  expectUsers(count: number): void {
    const wasCalm = this.#calm >= calmAfter;
    this.#calm = count >= manyUsers ? 0 : this.#calm + 1;
    const isCalm = this.#calm >= calmAfter;
    if (isCalm !== wasCalm) this.#db.pragma(`wal_autocheckpoint = ${isCalm ? checkpointPages.few : checkpointPages.many}`);
  }

  /** How commits are kept: for reports. */
  get durability(): { readonly journal: string; readonly synchronous: string } {
    const levels = ['OFF', 'NORMAL', 'FULL', 'EXTRA'];
    const synchronous = this.#db.pragma('synchronous', { simple: true }) as number;
    return {
      journal: this.#db.pragma('journal_mode', { simple: true }) as string,
      synchronous: levels[synchronous] ?? String(synchronous),
    };
  }

  close(): void {
    this.#db.close();
    closeSync(this.#log);
  }

  async #startSync(): Promise<void> {
    this.#nextSync = undefined;
    this.#syncing = fdatasyncFile(this.#log);
    try {
      await this.#syncing;
    } finally {
      this.#syncing = undefined;
    }
  }

  #comeEarlier(ms: number, now: number): void {
    const times = { ms, now };
    this.statement('UPDATE messages SET visible_at = visible_at - @ms WHERE visible_at > @now').run(times);
    this.statement('UPDATE welcomes SET lease_until = lease_until - @ms WHERE lease_until > @now').run(times);
    this.statement('UPDATE welcomes SET retry_at = retry_at - @ms WHERE retry_at > @now').run(times);
    this.statement('UPDATE feed_lease SET until = until - @ms WHERE until > @now').run(times);
    this.statement(
      "UPDATE imports SET head = json_set(head, '$.lease.until', head ->> '$.lease.until' - @ms) WHERE head ->> '$.lease.until' > @now",
    ).run(times);
  }

  #migrate(): void {
    if (this.#version === migrations.length && this.#isOurs) return;
    this.transaction(() => {
      const version = this.#version;
      this.#refuseOthers();
      for (const step of migrations.slice(version)) this.#db.exec(step);
      this.#db.pragma(`user_version = ${migrations.length}`);
      this.#db.pragma(`application_id = ${applicationId}`);
    });
  }

  /** @throws DatabaseForeign, DatabaseNewer */
  #refuseOthers(): void {
    const empty = this.#db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
    if (!empty && !this.#isOurs) {
      throw new DatabaseForeign(`${this.file} is a database of another program.`, { hint: 'Name another file with --db.' });
    }
    const version = this.#version;
    if (version <= migrations.length) return;
    throw new DatabaseNewer(
      `The database ${this.file} was written by a newer version of Rollcall (schema ${version}; this one knows ${migrations.length}).`,
      { hint: 'Update Rollcall, or name another file with --db.' },
    );
  }

  get #version(): number {
    return this.#db.pragma('user_version', { simple: true }) as number;
  }

  get #isOurs(): boolean {
    return this.#db.pragma('application_id', { simple: true }) === applicationId;
  }
}
