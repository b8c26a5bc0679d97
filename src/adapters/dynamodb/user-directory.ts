import { paginateScan, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { DirectoryUnavailable, type Maker, type UserDirectory } from '../../ports/user-directory.ts';
import type { AddressKey, RecordBatch, User } from '../../ports/vocabulary.ts';
import type { DynamoDatabase, Statement } from './database.ts';
import { raising } from './failure.ts';
import { ItemMalformed, textIn, type Item } from './item.ts';
import { dataAttributes, dataOf, originOf, userOf, versionOf, type Row } from './user-item.ts';

/** An item of the table that is no user: its key, and what is wrong with it. */
export interface MalformedUser {
  readonly table: string;
  readonly key: AddressKey;
  readonly error: ItemMalformed;
}

/** The accounts in the table `users`; its stream tells of whoever is inserted. `tables.ts` lists what each access costs. */
export class DynamoUserDirectory implements UserDirectory {
  readonly #db: DynamoDatabase;
  readonly #table: string;
  readonly #tell: (found: MalformedUser) => void;

  /**
   * @param table the table's name
   * @param tell hears of every item that a list leaves out because it is no user; without it such an item fails the list
   */
  constructor(db: DynamoDatabase, table: string, tell: (found: MalformedUser) => void = raise) {
    this.#db = db;
    this.#table = table;
    this.#tell = tell;
  }

  store(batches: readonly RecordBatch[]): Promise<readonly (readonly Maker[])[]> {
    return this.#raising(async () => {
      const people = peopleIn(batches);
      const inserted = await this.#db.write([...people.values()].map((person) => this.#insertOf(person)));
      const known = new Map([...people].filter((_, index) => inserted[index] !== true));
      const items = await this.#items([...known.keys()]);
      const updates = [...known].flatMap(([key, { update }]) => {
        const item = items.get(key);
        if (!item) throw new DirectoryUnavailable('A user vanished while a row was compared with it.', { hint: 'Try again.' });
        return update && versionOf(update) > textIn(item, 'version') ? [this.#updateOf(update)] : [];
      });
      await this.#db.write(updates);
      return batches.map((batch) =>
        batch.records.map(({ key, row }) => {
          const item = items.get(key);
          const origin = item ? originOf(item) : originOfRow(people.get(key)?.maker);
          return origin?.importId === batch.importId && origin.row === row ? 'this' : 'another';
        }),
      );
    });
  }

  find(keys: readonly AddressKey[]): Promise<readonly (User | undefined)[]> {
    return this.#raising(async () => {
      const items = await this.#items([...new Set(keys)].filter(canBeKey));
      return keys.map((key) => {
        const item = items.get(key);
        return item && userOf(item);
      });
    });
  }

  /** In the order of the table, which is that of the keys' hashes: every user comes once, as long as none is inserted meanwhile. */
  list(limit: number, after?: AddressKey): Promise<readonly User[]> {
    return this.#raising(async () => {
      const users: User[] = [];
      let from: Record<string, AttributeValue> | undefined = after === undefined ? undefined : { key: { S: after } };
      do {
        const page = await this.#db.client.send(
          new ScanCommand({ TableName: this.#table, ConsistentRead: true, Limit: limit - users.length, ExclusiveStartKey: from }),
        );
        users.push(...(page.Items ?? []).flatMap((item) => this.#userIn(item)));
        from = page.LastEvaluatedKey;
      } while (from && users.length < limit);
      return users;
    });
  }

  /** Reads the whole table for it: half a second and half a cent for a million users, say. */
  count(): Promise<number> {
    return this.#raising(async () => {
      const counts = Array.from({ length: countedAtOnce }, async (_, Segment) => {
        let count = 0;
        const input = { TableName: this.#table, ConsistentRead: true, Select: 'COUNT', Segment, TotalSegments: countedAtOnce } as const;
        for await (const page of paginateScan({ client: this.#db.client }, input)) count += page.Count ?? 0;
        return count;
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    });
  }

  #raising<T>(work: () => Promise<T>): Promise<T> {
    return raising(DirectoryUnavailable, this.#table, work);
  }

  /** The user of an item; nobody, and a word about it, where the item is none. */
  #userIn(item: Item): readonly User[] {
    try {
      return [userOf(item)];
    } catch (error) {
      if (!(error instanceof ItemMalformed)) throw error;
      this.#tell({ table: this.#table, key: textIn(item, 'key'), error });
      return [];
    }
  }

  #items(keys: readonly AddressKey[]): Promise<ReadonlyMap<AddressKey, Record<string, AttributeValue>>> {
    return this.#db.read(
      this.#table,
      keys.map((key) => ({ key: { S: key } })),
      'key',
    );
  }

  /** Inserts the user that `maker` makes, at once with the newest data that the call has for it. */
  #insertOf({ maker, update }: Person): Statement {
    const newest = update && versionOf(update) > versionOf(maker) ? update : maker;
    const item = new Map<string, AttributeValue>([
      ['key', { S: maker.record.key }],
      ...dataOf(newest),
      ['importId', { S: maker.batch.importId }],
      ['row', { N: String(maker.record.row) }],
      ['version', { S: versionOf(newest) }],
      ['welcome', { BOOL: maker.batch.welcome }],
    ]);
    const pairs = [...item.keys()].map((name) => `'${name}': ?`).join(', ');
    return { text: `INSERT INTO "${this.#table}" VALUE {${pairs}}`, values: [...item.values()] };
  }

  /** Writes the row's data over those of a smaller version. */
  #updateOf(row: Row): Statement {
    const data = dataOf(row);
    const version = { S: versionOf(row) };
    const sets = [...data.keys(), 'version'].map((name) => `SET "${name}"=?`).join(' ');
    const removes = dataAttributes.filter((name) => !data.has(name)).map((name) => ` REMOVE "${name}"`);
    const text = `UPDATE "${this.#table}" ${sets}${removes.join('')} WHERE "key"=? AND "version"<?`;
    return { text, values: [...data.values(), version, { S: row.record.key }, version] };
  }
}

const countedAtOnce = 4;

function raise({ error }: MalformedUser): never {
  throw error;
}

/** All that a call of `store` says about one key. */
interface Person {
  /** The row that makes the user if there is none yet: the first one. */
  readonly maker: Row;
  /** The row of the greatest version among those that may write over a user. */
  readonly update?: Row;
}

function peopleIn(batches: readonly RecordBatch[]): ReadonlyMap<AddressKey, Person> {
  const people = new Map<AddressKey, Person>();
  for (const batch of batches) {
    for (const record of batch.records) {
      const row: Row = { batch, record };
      const { maker = row, update } = people.get(record.key) ?? {};
      const newest = batch.onExisting === 'update' && (!update || versionOf(row) > versionOf(update)) ? row : update;
      people.set(record.key, { maker, ...(newest && { update: newest }) });
    }
  }
  return people;
}

function originOfRow(row: Row | undefined): User['origin'] | undefined {
  return row && { importId: row.batch.importId, row: row.record.row };
}

/** DynamoDB takes keys of 1 to 2,048 bytes and finds a request with any other wrong; nobody has such a one. */
function canBeKey(key: AddressKey): boolean {
  return key !== '' && Buffer.byteLength(key) <= 2_048;
}
