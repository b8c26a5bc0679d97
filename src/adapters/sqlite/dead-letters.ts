import type { Clock } from '../../ports/clock.ts';
import type { DeadLetter, DeadLetterFilter, DeadLetters } from '../../ports/dead-letters.ts';
import { QueueUnavailable } from '../../ports/message-queue.ts';
import type { QueueName } from '../../ports/vocabulary.ts';
import type { Bell } from './bell.ts';
import type { SqliteDatabase } from './database.ts';
import { raising } from './errors.ts';

/** Dead letters in a table of their own; a redrive moves them back in one transaction. */
export class SqliteDeadLetters implements DeadLetters {
  readonly #db: SqliteDatabase;
  readonly #clock: Clock;
  readonly #changed: Bell;

  /** @param changed rung when messages go back to their queues */
  constructor(db: SqliteDatabase, clock: Clock, changed: Bell) {
    this.#db = db;
    this.#clock = clock;
    this.#changed = changed;
  }

  async put(letters: readonly DeadLetter[]): Promise<void> {
    const put = this.#db.statement(
      `INSERT INTO dead_letters (id, queue, text, code, cause, import_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET queue = excluded.queue, text = excluded.text, code = excluded.code, cause = excluded.cause,
         import_id = excluded.import_id, at = excluded.at`,
    );
    this.#run(() => {
      for (const { id, queue, text, code, cause, importId = null, at } of letters) put.run(id, queue, text, code, cause, importId, at);
    });
  }

  async list({ queue, importId }: DeadLetterFilter, limit: number, after?: string): Promise<readonly DeadLetter[]> {
    const list = this.#db.statement(
      `SELECT * FROM dead_letters WHERE (@queue IS NULL OR queue = @queue) AND (@importId IS NULL OR import_id = @importId)
         AND (at, id) > (coalesce((SELECT at FROM dead_letters WHERE id = @after), -1), coalesce(@after, '')) ORDER BY at, id LIMIT @limit`,
    );
    return this.#raising(() => (list.all({ queue, importId, after, limit }) as LetterRow[]).map(letterOf));
  }

  async count({ queue, importId }: DeadLetterFilter): Promise<number> {
    const count = this.#db.statement(
      'SELECT count(*) FROM dead_letters WHERE (@queue IS NULL OR queue = @queue) AND (@importId IS NULL OR import_id = @importId)',
    );
    return this.#raising(() => count.pluck().get({ queue, importId }) as number);
  }

  async redrive(ids: readonly string[]): Promise<number> {
    const send = this.#db.statement(
      'INSERT INTO messages (queue, visible_at, sent_at, text) SELECT queue, @now, @now, text FROM dead_letters WHERE id = @id',
    );
    const remove = this.#db.statement('DELETE FROM dead_letters WHERE id = ?');
    const sent = this.#run(() => {
      let changes = 0;
      for (const id of ids) {
        changes += send.run({ now: this.#clock.now(), id }).changes;
        remove.run(id);
      }
      return changes;
    });
    this.#changed.ring();
    return sent;
  }

  #run<T>(work: () => T): T {
    return this.#raising(() => this.#db.transaction(work));
  }

  #raising<T>(work: () => T): T {
    return raising(QueueUnavailable, this.#db.file, work);
  }
}

interface LetterRow {
  readonly id: string;
  readonly queue: QueueName;
  readonly text: string;
  readonly code: string;
  readonly cause: string;
  readonly import_id: string | null;
  readonly at: number;
}

function letterOf({ id, queue, text, code, cause, import_id, at }: LetterRow): DeadLetter {
  return { id, queue, text, code, cause, ...(import_id !== null && { importId: import_id }), at };
}
