import { DirectoryUnavailable, type Maker, type UserDirectory } from '../../ports/user-directory.ts';
import type { AddressKey, RecordBatch, User, UserRecord } from '../../ports/vocabulary.ts';
import type { Bell } from './bell.ts';
import type { SqliteDatabase } from './database.ts';
import { raising } from './errors.ts';

/**
 * So many users are inserted by one statement where no welcome is wanted: a third of the time goes into statements, not into rows.
 * Where one is wanted, each is inserted by itself, for the feed must know exactly who is new.
 */
const together = 16;

/** The accounts in the table `users`, clustered by their key; whoever is inserted and wants a welcome goes to the feed with it. */
export class SqliteUserDirectory implements UserDirectory {
  readonly #db: SqliteDatabase;
  readonly #fed: Bell;

  /** @param fed rung when there is something new in the feed */
  constructor(db: SqliteDatabase, fed: Bell) {
    this.#db = db;
    this.#fed = fed;
  }

  async store(batches: readonly RecordBatch[]): Promise<readonly (readonly Maker[])[]> {
    const makers = batches.map((batch) => new Array<Maker>(batch.records.length));
    this.#run(() => {
      const users = inKeyOrder(batches, (batch) => this.#db.importNumber(batch.importId, batch.importedAt));
      const feed = this.#db.statement('INSERT INTO feed (key) VALUES (?)');
      const size = batches.some((batch) => batch.welcome) ? 1 : together;
      let done = 0;
      while (done < users.length) {
        const group = users.slice(done, done + (users.length - done < size ? 1 : size));
        const allNew = this.#insert(group);
        for (const user of group) {
          (makers[user.batch] as Maker[])[user.index] = allNew ? 'this' : this.#meet(user);
          if (allNew && user.welcome) feed.run(user.record.key);
        }
        done += group.length;
      }
    });
    if (batches.some((batch) => batch.welcome)) this.#fed.ring();
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
  #insert(users: readonly PlacedUser[]): boolean {
    const insert = this.#db.statement(users.length === 1 ? insertOne : insertTogether);
    const values: (string | number | null)[] = [];
    for (const { record, number, welcome } of users) {
      values.push(record.key, addressOf(record), record.name, attributesOf(record), number, record.row, welcome ? 1 : 0);
    }
    return insert.run(values).changes === users.length;
  }

  /** There is such a user: tells whose it is, and writes the data over those of a smaller version. */
  #meet({ record, number, update }: PlacedUser): Maker {
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

/** A record with what its batch says of it, and its place there. */
interface PlacedUser {
  readonly record: UserRecord;
  readonly batch: number;
  readonly index: number;
  readonly number: number;
  readonly welcome: boolean;
  readonly update: boolean;
}

const insertOne = insertOf(1);
const insertTogether = insertOf(together);

function insertOf(count: number): string {
  const rows = new Array(count).fill('(?, ?, ?, ?, ?, ?, ?)').join();
  return `INSERT INTO users (key, address, name, attributes, import, row, welcome) VALUES ${rows} ON CONFLICT DO NOTHING`;
}

/** What the column `address` holds: only what differs from the key. */
function addressOf({ key, address }: UserRecord): string | null {
  return address === key ? null : address;
}

function attributesOf({ attributes }: UserRecord): string | null {
  return attributes ? JSON.stringify(attributes) : null;
}

/**
 * All records of the batches by key, so that neighbours in the table are written together; of one key, the first row first.
 * Most files have no order, some have one already: those are not sorted.
 */
function inKeyOrder(batches: readonly RecordBatch[], numberOf: (batch: RecordBatch) => number): readonly PlacedUser[] {
  const users: PlacedUser[] = [];
  let ordered = true;
  let before = '';
  for (const [batch, of] of batches.entries()) {
    const number = numberOf(of);
    const update = of.onExisting === 'update';
    for (const [index, record] of of.records.entries()) {
      ordered &&= before <= record.key;
      before = record.key;
      users.push({ record, batch, index, number, welcome: of.welcome, update });
    }
  }
  return ordered ? users : users.sort((a, b) => (a.record.key < b.record.key ? -1 : a.record.key > b.record.key ? 1 : 0));
}
