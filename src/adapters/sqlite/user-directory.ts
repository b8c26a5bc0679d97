import { DirectoryUnavailable, type Maker, type UserDirectory } from '../../ports/user-directory.ts';
import type { AddressKey, RecordBatch, User, UserRecord } from '../../ports/vocabulary.ts';
import type { Bell } from './bell.ts';
import type { SqliteDatabase } from './database.ts';
import { raising } from './errors.ts';
import { KeyOrder } from './key-order.ts';

/**
 * So many users are inserted by one statement where no welcome is wanted: a third of the time goes into statements, not into rows.
 * Where one is wanted, each is inserted by itself, for the feed must know exactly who is new.
 */
const together = 16;

/** The accounts in the table `users`, clustered by their key; whoever is inserted and wants a welcome goes to the feed with it. */
export class SqliteUserDirectory implements UserDirectory {
  readonly #db: SqliteDatabase;
  readonly #fed: Bell;
  readonly #values: (string | number | null)[] = [];

  /** @param fed rung when there is something new in the feed */
  constructor(db: SqliteDatabase, fed: Bell) {
    this.#db = db;
    this.#fed = fed;
  }

  async store(batches: readonly RecordBatch[]): Promise<readonly (readonly Maker[])[]> {
    const makers = batches.map((batch) => new Array<Maker>(batch.records.length));
    const wanted = batches.some((batch) => batch.welcome);
    this.#db.expectUsers(batches.reduce((sum, { records }) => sum + records.length, 0));
    this.#run(() => {
      const numbers = batches.map((batch) => this.#db.importNumber(batch.importId, batch.importedAt));
      const all = new KeyOrder(batches, numbers);
      const feed = this.#db.statement('INSERT INTO feed (key) VALUES (?)');
      const size = wanted ? 1 : together;
      let done = 0;
      while (done < all.places.length) {
        const group = all.places.subarray(done, done + (all.places.length - done < size ? 1 : size));
        const allNew = this.#insert(all, group);
        for (const place of group) {
          const batch = all.batchOf(place);
          all.put(makers, place, allNew ? 'this' : this.#meet(all.record(place), all.number(place), batch.onExisting === 'update'));
          if (allNew && batch.welcome) feed.run(all.record(place).key);
        }
        done += group.length;
      }
    });
    if (wanted) this.#fed.ring();
    return makers;
  }

  async find(keys: readonly AddressKey[]): Promise<readonly (User | undefined)[]> {
    const find = this.#db.statement(`${selectUsers} WHERE key = ?`);
    return this.#raising(() => keys.map((key) => userOf(find.get(key) as UserRow | undefined)));
  }

  async list(limit: number, after: AddressKey = ''): Promise<readonly User[]> {
    const list = this.#db.statement(`${selectUsers} WHERE key > ? ORDER BY key LIMIT ?`);
    return this.#raising(() => (list.all(after, limit) as UserRow[]).map((row) => userOf(row)));
  }

  async count(): Promise<number> {
    return this.#raising(() => this.#db.statement('SELECT count(*) FROM users').pluck().get() as number);
  }

  #run<T>(work: () => T): T {
    return this.#raising(() => this.#db.transaction(work));
  }

  #raising<T>(work: () => T): T {
    return raising(DirectoryUnavailable, this.#db.file, work);
  }

  /** Inserts those of the users that there are not yet; tells whether that was all of them. */
  #insert(all: KeyOrder, places: Uint32Array): boolean {
    const insert = this.#db.statement(places.length === 1 ? insertOne : insertTogether);
    // One array for all calls: a new one a call would be most of the garbage of an import.
    const values = this.#values;
    values.length = places.length * columns;
    let at = 0;
    for (const place of places) {
      const record = all.record(place);
      values[at++] = record.key;
      values[at++] = addressOf(record);
      values[at++] = record.name;
      values[at++] = attributesOf(record);
      values[at++] = all.number(place);
      values[at++] = record.row;
      values[at++] = all.batchOf(place).welcome ? 1 : 0;
    }
    return insert.run(values).changes === places.length;
  }

  /** There is such a user: tells whose it is, and writes the data over those of a smaller version. */
  #meet(record: UserRecord, number: number, update: boolean): Maker {
    const { key, row } = record;
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
        .run(addressOf(record), record.name, attributesOf(record), number, row, key, number, row);
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

const selectUsers =
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

/** How many columns an insert writes. */
const columns = 7;
const insertOne = insertOf(1);
const insertTogether = insertOf(together);

function insertOf(count: number): string {
  const row = `(${new Array(columns).fill('?').join()})`;
  const rows = new Array(count).fill(row).join();
  return `INSERT INTO users (key, address, name, attributes, import, row, welcome) VALUES ${rows} ON CONFLICT DO NOTHING`;
}

/** What the column `address` holds: only what differs from the key. */
function addressOf({ key, address }: UserRecord): string | null {
  return address === key ? null : address;
}

function attributesOf({ attributes }: UserRecord): string | null {
  return attributes ? JSON.stringify(attributes) : null;
}
