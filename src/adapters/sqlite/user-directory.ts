import type { Statement } from 'better-sqlite3';
import { DirectoryUnavailable, type Maker, type UserDirectory } from '../../ports/user-directory.ts';
import type { AddressKey, RecordBatch, User, UserRecord } from '../../ports/vocabulary.ts';
import type { Bell } from './bell.ts';
import type { SqliteDatabase } from './database.ts';
import { raising } from './errors.ts';

/** The accounts in the table `users`, clustered by their key; whoever is inserted and wants a welcome goes to the feed with it. */
export class SqliteUserDirectory implements UserDirectory {
  readonly #db: SqliteDatabase;
  readonly #fed: Bell;
  readonly #insertUser: Statement;

  /** @param fed rung when there is something new in the feed */
  constructor(db: SqliteDatabase, fed: Bell) {
    this.#db = db;
    this.#fed = fed;
    this.#insertUser = db.statement(
      'INSERT INTO users (key, address, name, attributes, import, row, welcome) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
  }

  async store(batches: readonly RecordBatch[]): Promise<readonly (readonly Maker[])[]> {
    const makers = batches.map((batch) => new Array<Maker>(batch.records.length));
    const fed = this.#run(() => {
      let anyone = false;
      const numbers = batches.map((batch) => this.#db.importNumber(batch.importId, batch.importedAt));
      inKeyOrder(batches, (record, batch, index) => {
        const { onExisting, welcome } = batches[batch] as RecordBatch;
        const number = numbers[batch] as number;
        const inserted = this.#insert(record, number, welcome);
        anyone ||= inserted && welcome;
        (makers[batch] as Maker[])[index] = inserted ? 'this' : this.#meet(record, number, onExisting === 'update');
      });
      return anyone;
    });
    if (fed) this.#fed.ring();
    return makers;
  }

  async find(keys: readonly AddressKey[]): Promise<readonly (User | undefined)[]> {
    const find = this.#db.statement(`${selectUsers} WHERE key = ?`);
    return this.#run(() => keys.map((key) => userOf(find.get(key) as UserRow | undefined)));
  }

  async list(limit: number, after: AddressKey = ''): Promise<readonly User[]> {
    const list = this.#db.statement(`${selectUsers} WHERE key > ? ORDER BY key LIMIT ?`);
    return this.#run(() => (list.all(after, limit) as UserRow[]).map((row) => userOf(row)));
  }

  async count(): Promise<number> {
    return this.#run(() => this.#db.statement('SELECT count(*) FROM users').pluck().get() as number);
  }

  #run<T>(work: () => T): T {
    return raising(DirectoryUnavailable, this.#db.file, () => this.#db.transaction(work));
  }

  #insert({ key, address, name, attributes, row }: UserRecord, number: number, welcome: boolean): boolean {
    const ownAddress = address === key ? null : address;
    const done = this.#insertUser.run(key, ownAddress, name, attributes ? JSON.stringify(attributes) : null, number, row, welcome ? 1 : 0);
    if (done.changes === 0) return false;
    if (welcome) this.#db.statement('INSERT INTO feed (key) VALUES (?)').run(key);
    return true;
  }

  /** There is such a user: tells whose it is, and writes the data over those of a smaller version. */
  #meet({ key, address, name, attributes, row }: UserRecord, number: number, update: boolean): Maker {
    const kept = this.#db.statement('SELECT import, row FROM users WHERE key = ?').get(key) as {
      readonly import: number;
      readonly row: number;
    };
    if (update) {
      this.#db
        .statement(
          `UPDATE users SET address = ?, name = ?, attributes = ?, written_import = ?, written_row = ?
           FROM import_names AS theirs, import_names AS ours
           WHERE key = ? AND theirs.number = coalesce(written_import, import) AND ours.number = ?
             AND (theirs.at, theirs.id, coalesce(written_row, row)) < (ours.at, ours.id, ?)`,
        )
        .run(address === key ? null : address, name, attributes ? JSON.stringify(attributes) : null, number, row, key, number, row);
    }
    return kept.import === number && kept.row === row ? 'this' : 'another';
  }
}

/** A user as it is read. */
export interface UserRow {
  readonly key: string;
  readonly address: string | null;
  readonly name: string;
  readonly attributes: string | null;
  readonly import_id: string;
  readonly row: number;
  readonly welcome: number;
}

export const selectUsers =
  'SELECT key, address, name, attributes, import_names.id AS import_id, row, welcome FROM users JOIN import_names ON import_names.number = users.import';

/** The user of a row; nothing of nothing. */
export function userOf(row: UserRow): User;
export function userOf(row: UserRow | undefined): User | undefined;
export function userOf(row: UserRow | undefined): User | undefined {
  return (
    row && {
      key: row.key,
      address: row.address ?? row.key,
      name: row.name,
      ...(row.attributes !== null && { attributes: JSON.parse(row.attributes) as Record<string, string> }),
      origin: { importId: row.import_id, row: row.row },
      welcome: row.welcome === 1,
    }
  );
}

/**
 * Visits all records of the batches by key, so that neighbours in the table are written together; of one key, the first row
 * first. Most files have no order, some have one already: those are not sorted.
 */
function inKeyOrder(batches: readonly RecordBatch[], visit: (record: UserRecord, batch: number, index: number) => void): void {
  const records = batches.flatMap((batch) => batch.records);
  const starts: number[] = [];
  let start = 0;
  for (const batch of batches) {
    starts.push(start);
    start += batch.records.length;
  }
  const keyAt = (place: number): string => (records[place] as UserRecord).key;
  const places = Uint32Array.from(records.keys());
  if (places.some((place) => place > 0 && keyAt(place - 1) > keyAt(place))) {
    places.sort((a, b) => (keyAt(a) < keyAt(b) ? -1 : keyAt(a) > keyAt(b) ? 1 : a - b));
  }
  let batch = 0;
  for (const place of places) {
    // Neighbours by key are mostly neighbours by row as well.
    while (place < (starts[batch] as number)) batch--;
    while (place >= (starts[batch + 1] ?? Infinity)) batch++;
    visit(records[place] as UserRecord, batch, place - (starts[batch] as number));
  }
}
