import { LedgerUnavailable } from '../../ports/import-ledger.ts';
import type { ImportId, UserId } from '../../ports/vocabulary.ts';
import type { Replaced, WelcomeLedger, WelcomeRecord, WelcomeState, WelcomeTotals } from '../../ports/welcome-ledger.ts';
import type { SqliteDatabase } from './database.ts';
import { raising } from './errors.ts';

/** The welcome ledger in the table `welcomes`. Calls that come while the disk is busy share the next transaction and its sync. */
export class SqliteWelcomeLedger implements WelcomeLedger {
  readonly #db: SqliteDatabase;
  #waiting: Replacement[] = [];
  #writing = false;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  replace(records: readonly WelcomeRecord[]): Promise<readonly Replaced[]> {
    if (records.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ records, resolve, reject });
      if (!this.#writing) void this.#writeAll();
    });
  }

  async find(users: readonly UserId[]): Promise<readonly (WelcomeRecord | undefined)[]> {
    return this.#raising(() => users.map((user) => this.#find(user)));
  }

  async totals(importId?: ImportId): Promise<WelcomeTotals> {
    const count = this.#db.statement(
      `SELECT state, count(*) AS number, sum(uncertain_sends > 0) AS uncertain FROM welcomes
       WHERE @importId IS NULL OR import = (SELECT number FROM import_names WHERE id = @importId) GROUP BY state`,
    );
    const rows = this.#raising(
      () => count.all({ importId }) as { readonly state: WelcomeState; readonly number: number; readonly uncertain: number }[],
    );
    const totals = { waiting: 0, claimed: 0, sent: 0, uncertain: 0, refused: 0, failed: 0, everUncertain: 0 };
    for (const { state, number, uncertain } of rows) {
      totals[state] = number;
      totals.everUncertain += uncertain;
    }
    return totals;
  }

  async keepChannel(kind: string): Promise<string> {
    const kept = this.#run(() => {
      this.#db.statement("INSERT INTO settings (name, value) VALUES ('channel', ?) ON CONFLICT DO NOTHING").run(kind);
      return this.#db.statement("SELECT value FROM settings WHERE name = 'channel'").pluck().get() as string;
    });
    await this.#db.sync();
    return kept;
  }

  async channel(): Promise<string | undefined> {
    return this.#raising(() => this.#db.statement("SELECT value FROM settings WHERE name = 'channel'").pluck().get() as string | undefined);
  }

  /** Writes group after group until nobody waits; each caller hears about its own. */
  async #writeAll(): Promise<void> {
    this.#writing = true;
    // Callers of the same moment come into the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const answers = this.#run(() => group.map(({ records }) => records.map((record) => this.#replace(record))));
        await this.#db.sync();
        group.forEach(({ resolve }, index) => resolve(answers[index] ?? []));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#writing = false;
  }

  #replace(record: WelcomeRecord): Replaced {
    const {
      userId,
      importId,
      revision,
      state,
      token = null,
      leaseUntil = null,
      attempts,
      uncertainSends,
      retryAt = null,
      cause = null,
      at,
    } = record;
    const values = [state, token, leaseUntil, attempts, uncertainSends, retryAt, cause, at];
    const insert = this.#db.statement(
      `INSERT INTO welcomes (state, token, lease_until, attempts, uncertain_sends, retry_at, cause, at, user_id, revision, import)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING`,
    );
    const update = this.#db.statement(
      `UPDATE welcomes SET state = ?, token = ?, lease_until = ?, attempts = ?, uncertain_sends = ?, retry_at = ?, cause = ?, at = ?, revision = revision + 1
       WHERE user_id = ? AND revision = ?`,
    );
    const done =
      revision === 0 ? insert.run(...values, userId, this.#db.importNumber(importId, at)) : update.run(...values, userId, revision);
    if (done.changes > 0) return { written: true, kept: { ...record, revision: revision + 1 } };
    const kept = this.#find(userId);
    return { written: false, ...(kept && { kept }) };
  }

  #find(user: UserId): WelcomeRecord | undefined {
    const find = this.#db.statement(
      'SELECT welcomes.*, import_names.id AS import_id FROM welcomes JOIN import_names ON number = import WHERE user_id = ?',
    );
    const row = find.get(user) as WelcomeRow | undefined;
    return row && recordOf(row);
  }

  #run<T>(work: () => T): T {
    return this.#raising(() => this.#db.transaction(work));
  }

  #raising<T>(work: () => T): T {
    return raising(LedgerUnavailable, this.#db.file, work);
  }
}

interface Replacement {
  readonly records: readonly WelcomeRecord[];
  readonly resolve: (answers: readonly Replaced[]) => void;
  readonly reject: (error: unknown) => void;
}

interface WelcomeRow {
  readonly user_id: string;
  readonly import_id: string;
  readonly revision: number;
  readonly state: WelcomeState;
  readonly token: string | null;
  readonly lease_until: number | null;
  readonly attempts: number;
  readonly uncertain_sends: number;
  readonly retry_at: number | null;
  readonly cause: string | null;
  readonly at: number;
}

function recordOf(row: WelcomeRow): WelcomeRecord {
  return {
    userId: row.user_id,
    importId: row.import_id,
    revision: row.revision,
    state: row.state,
    ...(row.token !== null && { token: row.token }),
    ...(row.lease_until !== null && { leaseUntil: row.lease_until }),
    attempts: row.attempts,
    uncertainSends: row.uncertain_sends,
    ...(row.retry_at !== null && { retryAt: row.retry_at }),
    ...(row.cause !== null && { cause: row.cause }),
    at: row.at,
  };
}
