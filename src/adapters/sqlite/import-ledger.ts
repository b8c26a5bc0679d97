import {
  LedgerUnavailable,
  type BatchResult,
  type ImportHead,
  type ImportLedger,
  type ImportPart,
  type Outcome,
  type PartFailure,
  type Progress,
  type RowOutcome,
} from '../../ports/import-ledger.ts';
import type { ImportId, Rejection } from '../../ports/vocabulary.ts';
import type { SqliteDatabase } from './database.ts';
import { raising } from './errors.ts';

/** The import ledger: heads as JSON beside the sums over their batch results. */
export class SqliteImportLedger implements ImportLedger {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  /**
   * It survives a power cut as soon as the message that has it read, or its batches, do, for their queue syncs and comes later in the same log:
   * an import of which there is no message has begun nothing.
   */
  async create(head: ImportHead): Promise<ImportHead> {
    return this.#run(() => {
      const number = this.#db.importNumber(head.id, head.createdAt);
      this.#db
        .statement('INSERT INTO imports (number, revision, created_at, head) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
        .run(number, head.revision, head.createdAt, JSON.stringify(head));
      return this.#find(head.id) ?? head;
    });
  }

  async find(id: ImportId): Promise<ImportHead | undefined> {
    return this.#raising(() => this.#find(id));
  }

  async list(limit: number, before?: ImportId): Promise<readonly ImportHead[]> {
    const list = this.#db.statement(
      `SELECT revision, head FROM imports
       WHERE @before IS NULL OR (created_at, number) < (SELECT created_at, number FROM imports JOIN import_names USING (number) WHERE id = @before)
       ORDER BY created_at DESC, number DESC LIMIT @limit`,
    );
    return this.#raising(() => (list.all({ before, limit }) as HeadRow[]).map(headOf));
  }

  async replace(head: ImportHead): Promise<boolean> {
    const replace = this.#db.statement(
      'UPDATE imports SET revision = revision + 1, head = ? WHERE number = (SELECT number FROM import_names WHERE id = ?) AND revision = ?',
    );
    return this.#run(() => replace.run(JSON.stringify(head), head.id, head.revision).changes > 0);
  }

  async record(results: readonly BatchResult[]): Promise<void> {
    const keep = this.#db.statement('INSERT INTO batch_results (import, first_row, outcomes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    const add = this.#db.statement(
      `UPDATE imports SET batches = batches + 1, inserted = inserted + ?, updated = updated + ?, duplicates = duplicates + ?, rejected = rejected + ?
       WHERE number = ?`,
    );
    this.#run(() => {
      for (const { importId, firstRow, outcomes, rejections } of results) {
        const number = this.#number(importId);
        this.#clear(number, firstRow);
        if (keep.run(number, firstRow, outcomes.map((outcome) => letters[outcome]).join('')).changes === 0) continue;
        const sums = { inserted: 0, updated: 0, duplicate: 0, rejected: 0 };
        for (const outcome of outcomes) sums[outcome]++;
        add.run(sums.inserted, sums.updated, sums.duplicate, sums.rejected, number);
        for (const rejection of rejections) this.#reject(number, rejection);
      }
    });
  }

  async progress(id: ImportId): Promise<Progress> {
    const find = this.#db.statement(
      `SELECT batches, inserted, updated, duplicates, rejected,
              (SELECT count(*) FROM part_failures WHERE import = number AND dead = 1) AS deadLetters
       FROM imports JOIN import_names USING (number) WHERE id = ?`,
    );
    const none = { batches: 0, inserted: 0, updated: 0, duplicates: 0, rejected: 0, deadLetters: 0 };
    return this.#raising(() => (find.get(id) as Progress | undefined) ?? none);
  }

  async noteFailure({ importId, part, cause, at }: PartFailure): Promise<number> {
    const note = this.#db.statement(
      `INSERT INTO part_failures (import, part, attempts, dead, cause, at) VALUES (?, ?, 1, 0, ?, ?)
       ON CONFLICT DO UPDATE SET attempts = attempts + 1, cause = excluded.cause, at = excluded.at RETURNING attempts`,
    );
    return this.#run(() => note.pluck().get(this.#number(importId), String(part), cause, at) as number);
  }

  async markDeadLettered({ importId, part, cause, at }: PartFailure): Promise<void> {
    const mark = this.#db.statement(
      `INSERT INTO part_failures (import, part, attempts, dead, cause, at) VALUES (?, ?, 0, 1, ?, ?)
       ON CONFLICT DO UPDATE SET attempts = 0, dead = 1, cause = excluded.cause, at = excluded.at`,
    );
    this.#run(() => mark.run(this.#number(importId), String(part), cause, at));
  }

  async clearFailure(id: ImportId, part: ImportPart): Promise<void> {
    this.#run(() => this.#clear(this.#number(id), part));
  }

  async outcomes(id: ImportId, fromRow: number, limit: number): Promise<readonly RowOutcome[]> {
    // The batch that holds fromRow may begin before it.
    const list = this.#db.statement(
      `SELECT first_row, outcomes FROM batch_results WHERE import = @number
         AND first_row >= coalesce((SELECT max(first_row) FROM batch_results WHERE import = @number AND first_row <= @fromRow), 0) ORDER BY first_row`,
    );
    return this.#raising(() => {
      const found: RowOutcome[] = [];
      for (const batch of list.iterate({ number: this.#number(id), fromRow }) as IterableIterator<{
        readonly first_row: number;
        readonly outcomes: string;
      }>) {
        for (let i = Math.max(0, fromRow - batch.first_row); i < batch.outcomes.length && found.length < limit; i++) {
          found.push({ row: batch.first_row + i, outcome: outcomeOf(batch.outcomes.charAt(i)) });
        }
        if (found.length >= limit) break;
      }
      return found;
    });
  }

  async rejections(id: ImportId, afterRow: number, limit: number): Promise<readonly Rejection[]> {
    const list = this.#db.statement('SELECT * FROM rejections WHERE import = ? AND row > ? ORDER BY row LIMIT ?');
    return this.#raising(() => (list.all(this.#number(id), afterRow, limit) as RejectionRow[]).map(rejectionOf));
  }

  #run<T>(work: () => T): T {
    return this.#raising(() => this.#db.transaction(work));
  }

  #raising<T>(work: () => T): T {
    return raising(LedgerUnavailable, this.#db.file, work);
  }

  #find(id: ImportId): ImportHead | undefined {
    const row = this.#db.statement('SELECT revision, head FROM imports JOIN import_names USING (number) WHERE id = ?').get(id) as
      HeadRow | undefined;
    return row && headOf(row);
  }

  /** The import's number; one that is in no table where there is no such import. */
  #number(id: ImportId): number {
    return (this.#db.statement('SELECT number FROM import_names WHERE id = ?').pluck().get(id) as number | undefined) ?? -1;
  }

  #clear(number: number, part: ImportPart): void {
    this.#db.statement('DELETE FROM part_failures WHERE import = ? AND part = ?').run(number, String(part));
  }

  #reject(number: number, { row, line, column, code, reason, cells, cut }: Rejection): void {
    this.#db
      .statement('INSERT INTO rejections (import, row, line, column_name, code, reason, cells, cut) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(number, row, line, column, code, reason, JSON.stringify(cells), cut ? 1 : 0);
  }
}

const letters: Readonly<Record<Outcome, string>> = { inserted: 'i', updated: 'u', duplicate: 'd', rejected: 'r' };

function outcomeOf(letter: string): Outcome {
  const outcome = (Object.keys(letters) as Outcome[]).find((name) => letters[name] === letter);
  if (!outcome) throw new TypeError(`The table batch_results holds an unknown outcome: ${letter}`);
  return outcome;
}

interface HeadRow {
  readonly revision: number;
  readonly head: string;
}

function headOf({ revision, head }: HeadRow): ImportHead {
  return { ...(JSON.parse(head) as ImportHead), revision };
}

interface RejectionRow {
  readonly row: number;
  readonly line: number;
  readonly column_name: string;
  readonly code: string;
  readonly reason: string;
  readonly cells: string;
  readonly cut: number;
}

function rejectionOf({ row, line, column_name, code, reason, cells, cut }: RejectionRow): Rejection {
  return { row, line, column: column_name, code, reason, cells: JSON.parse(cells) as string[], cut: cut === 1 };
}
