import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import DataLoader from 'dataloader';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import { LedgerUnavailable } from '../../ports/import-ledger.ts';
import type { ImportId, UserId } from '../../ports/vocabulary.ts';
import type { Replaced, WelcomeLedger, WelcomeRecord, WelcomeTotals } from '../../ports/welcome-ledger.ts';
import type { DynamoDatabase, Statement } from './database.ts';
import { raising } from './failure.ts';
import { textIn } from './item.ts';
import { attributesOf, optionalAttributes, welcomeOf } from './welcome-item.ts';
import { noWelcomes, scanWelcomes } from './welcome-scan.ts';

/** Names of tables. */
export interface WelcomeTables {
  readonly welcomes: string;
  /** Where the channel is kept; who only claims and confirms does without. */
  readonly imports?: string;
}

/** How long a record that comes alone waits for others, in milliseconds: mails are confirmed one by one, and a request can take many. */
const gatheredMs = 50;

/** Records that are gathered into one call, at most: the statements of two requests. */
const mostGathered = 50;

/** One small item a user in the table `welcomes`; the channel lies in the table `imports`. */
export class DynamoWelcomeLedger implements WelcomeLedger {
  readonly #db: DynamoDatabase;
  readonly #tables: WelcomeTables;
  readonly #ids: Ids;
  readonly #gathered: DataLoader<WelcomeRecord, Replaced>;

  constructor(db: DynamoDatabase, tables: WelcomeTables, { ids, clock }: { readonly ids: Ids; readonly clock: Clock }) {
    this.#db = db;
    this.#tables = tables;
    this.#ids = ids;
    this.#gathered = new DataLoader((records) => this.#replaceAll(records), {
      cache: false,
      maxBatchSize: mostGathered,
      batchScheduleFn: (write) => void clock.sleep(gatheredMs).then(write),
    });
  }

  /** A record that comes alone goes together with others of the same moment. */
  async replace(records: readonly WelcomeRecord[]): Promise<readonly Replaced[]> {
    const [record] = records;
    return record && records.length === 1 ? [await this.#gathered.load(record)] : this.#replaceAll(records);
  }

  /**
   * Each item keeps the name of the write that made it: if the answer to a write is lost and the client asks again, the condition fails by
   * our own write. Taken for another's, a claim would be held by nobody until its lease ends.
   */
  #replaceAll(records: readonly WelcomeRecord[]): Promise<readonly Replaced[]> {
    return this.#raising(this.#tables.welcomes, async () => {
      const call = this.#ids.fresh();
      const writes = records.map((record, index) => ({ record, write: `${call}-${index}`, index }));
      const answers = new Array<Replaced>(records.length);
      // A request writes no item twice: who stands twice in the call comes into a second one.
      for (const wave of wavesOf(writes)) {
        const written = await this.#db.write(wave.map(({ record, write }) => this.#statementOf(record, write)));
        const kept = await this.#items(wave.filter((_, n) => written[n] !== true).map(({ record }) => record.userId));
        wave.forEach(({ record, write, index }, n) => {
          const item = kept.get(record.userId);
          answers[index] =
            written[n] === true || item?.['write']?.S === write
              ? { written: true, kept: { ...record, revision: record.revision + 1 } }
              : { written: false, ...(item && { kept: welcomeOf(item) }) };
        });
      }
      return answers;
    });
  }

  find(users: readonly UserId[]): Promise<readonly (WelcomeRecord | undefined)[]> {
    return this.#raising(this.#tables.welcomes, async () => {
      const items = await this.#items([...new Set(users)]);
      return users.map((user) => {
        const item = items.get(user);
        return item && welcomeOf(item);
      });
    });
  }

  /** Reads the whole table for it, and not consistently: see `scanWelcomes`. */
  totals(importId?: ImportId): Promise<WelcomeTotals> {
    return this.#raising(this.#tables.welcomes, async () => {
      const totals = { ...noWelcomes };
      await scanWelcomes(this.#db.client, this.#tables.welcomes, () => totals, importId);
      return totals;
    });
  }

  keepChannel(kind: string): Promise<string> {
    const TableName = this.#settings();
    return this.#raising(TableName, async () => {
      try {
        await this.#db.client.send(
          new PutItemCommand({
            TableName,
            Item: { ...channelKey, value: { S: kind } },
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return kind;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return textIn(error.Item ?? {}, 'value');
      }
    });
  }

  channel(): Promise<string | undefined> {
    const TableName = this.#settings();
    return this.#raising(TableName, async () => {
      const { Item } = await this.#db.client.send(new GetItemCommand({ TableName, Key: channelKey, ConsistentRead: true }));
      return Item && textIn(Item, 'value');
    });
  }

  #settings(): string {
    if (this.#tables.imports === undefined) throw new TypeError('The welcome ledger was made without the table that keeps the channel.');
    return this.#tables.imports;
  }

  #raising<T>(table: string, work: () => Promise<T>): Promise<T> {
    return raising(LedgerUnavailable, table, work);
  }

  #items(users: readonly UserId[]): Promise<ReadonlyMap<UserId, Record<string, AttributeValue>>> {
    return this.#db.read(
      this.#tables.welcomes,
      users.map((user) => ({ userId: { S: user } })),
      'userId',
    );
  }

  #statementOf(record: WelcomeRecord, write: string): Statement {
    const table = this.#tables.welcomes;
    const user = { S: record.userId };
    const attributes = new Map(attributesOf(record)).set('revision', { N: String(record.revision + 1) }).set('write', { S: write });
    if (record.revision === 0) {
      const pairs = ['userId', ...attributes.keys()].map((name) => `'${name}': ?`).join(', ');
      return { text: `INSERT INTO "${table}" VALUE {${pairs}}`, values: [user, ...attributes.values()] };
    }
    const sets = [...attributes.keys()].map((name) => `SET "${name}"=?`).join(' ');
    const removes = optionalAttributes.filter((name) => !attributes.has(name)).map((name) => ` REMOVE "${name}"`);
    const text = `UPDATE "${table}" ${sets}${removes.join('')} WHERE "userId"=? AND "revision"=?`;
    return { text, values: [...attributes.values(), user, { N: String(record.revision) }] };
  }
}

const channelKey = { pk: { S: 'settings' }, sk: { S: 'channel' } };

/** The writes in groups that hold no user twice, in their order. */
function wavesOf<T extends { readonly record: WelcomeRecord }>(writes: readonly T[]): readonly (readonly T[])[] {
  const waves: T[][] = [];
  const seen = new Map<UserId, number>();
  for (const write of writes) {
    const n = seen.get(write.record.userId) ?? 0;
    seen.set(write.record.userId, n + 1);
    (waves[n] ??= []).push(write);
  }
  return waves;
}
