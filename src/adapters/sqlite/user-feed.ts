import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import { DirectoryUnavailable } from '../../ports/user-directory.ts';
import type { FeedBatch, UserFeed } from '../../ports/user-feed.ts';
import type { StopSignal } from '../../ports/vocabulary.ts';
import type { Bell } from './bell.ts';
import type { SqliteDatabase } from './database.ts';
import { raising } from './errors.ts';
import { userOf, type UserRow } from './user-directory.ts';

export interface FeedOptions {
  /** How long a batch stays with its reader, in milliseconds. */
  readonly leaseMs: number;
  /** How often to look for what other processes inserted, in milliseconds. */
  readonly lookMs: number;
}

/** The feed in the table `feed`: what is announced is deleted from it, and a lease keeps two workers from announcing the same users. */
export class SqliteUserFeed implements UserFeed {
  readonly #db: SqliteDatabase;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #fed: Bell;
  readonly #options: FeedOptions;

  constructor(db: SqliteDatabase, clock: Clock, ids: Ids, fed: Bell, options: FeedOptions) {
    this.#db = db;
    this.#clock = clock;
    this.#ids = ids;
    this.#fed = fed;
    this.#options = options;
  }

  receive(limit: number, waitMs: number, signal?: StopSignal): Promise<FeedBatch> {
    return this.#fed.await(
      this.#clock,
      () => this.#take(limit),
      (batch) => batch.users.length > 0,
      waitMs,
      this.#options.lookMs,
      signal,
    );
  }

  async advance({ cursor }: FeedBatch): Promise<void> {
    const [holder, place] = cursor.split(':');
    this.#run(() => {
      const ended = this.#db.statement('DELETE FROM feed_lease WHERE holder = ? AND until > ?').run(holder, this.#clock.now());
      if (ended.changes > 0) this.#db.statement('DELETE FROM feed WHERE place <= ?').run(Number(place));
    });
    this.#fed.ring();
  }

  async depth(): Promise<number> {
    return this.#raising(() => this.#db.statement('SELECT count(*) FROM feed').pluck().get() as number);
  }

  #take(limit: number): FeedBatch {
    const nothing: FeedBatch = { users: [], cursor: '' };
    // Looking costs no write lock; only taking does.
    const some = this.#db.statement('SELECT 1 FROM feed LIMIT 1');
    if (this.#raising(() => some.get()) === undefined) return nothing;
    return this.#run(() => {
      const now = this.#clock.now();
      if (this.#db.statement('SELECT 1 FROM feed_lease WHERE until > ?').get(now) !== undefined) return nothing;
      const rows = this.#db.statement(selectFed).all(limit) as (UserRow & { readonly place: number })[];
      const last = rows.at(-1);
      if (!last) return nothing;
      const holder = this.#ids.fresh();
      this.#db
        .statement('INSERT OR REPLACE INTO feed_lease (only, holder, until) VALUES (1, ?, ?)')
        .run(holder, now + this.#options.leaseMs);
      return { users: rows.map((row) => userOf(row)), cursor: `${holder}:${last.place}` };
    });
  }

  #run<T>(work: () => T): T {
    return this.#raising(() => this.#db.transaction(work));
  }

  #raising<T>(work: () => T): T {
    return raising(DirectoryUnavailable, this.#db.file, work);
  }
}

const selectFed = `
  SELECT feed.place, users.key, address, name, attributes, import_names.id AS import_id, row, welcome
  FROM feed JOIN users USING (key) JOIN import_names ON import_names.number = users.import
  ORDER BY feed.place LIMIT ?`;
