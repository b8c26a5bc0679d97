import { KeysUnavailable, type IdempotencyKeys, type KeptAnswer } from '../../ports/idempotency-keys.ts';
import type { Instant } from '../../ports/vocabulary.ts';
import type { SqliteDatabase } from './database.ts';
import { raising } from './errors.ts';

/** Answers in the table `answers`. Old ones go when a new one comes. */
export class SqliteIdempotencyKeys implements IdempotencyKeys {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async find(key: string, since: Instant): Promise<KeptAnswer | undefined> {
    return this.#raising(() => this.#find(key, since));
  }

  async keep(key: string, answer: KeptAnswer, since: Instant): Promise<KeptAnswer> {
    const kept = this.#raising(() =>
      this.#db.transaction(() => {
        this.#db.statement('DELETE FROM answers WHERE at < ?').run(since);
        this.#db
          .statement('INSERT INTO answers (key, request, status, headers, body, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
          .run(key, answer.request, answer.status, JSON.stringify(answer.headers), answer.body, answer.at);
        return this.#find(key, since) ?? answer;
      }),
    );
    await this.#db.sync();
    return kept;
  }

  #find(key: string, since: Instant): KeptAnswer | undefined {
    const row = this.#db.statement('SELECT request, status, headers, body, at FROM answers WHERE key = ? AND at >= ?').get(key, since) as
      AnswerRow | undefined;
    return row && { ...row, headers: JSON.parse(row.headers) as Record<string, string> };
  }

  #raising<T>(work: () => T): T {
    return raising(KeysUnavailable, this.#db.file, work);
  }
}

interface AnswerRow extends Omit<KeptAnswer, 'headers'> {
  readonly headers: string;
}
