import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type AttributeValue,
  type CancellationReason,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { isPassing, PartRefused } from './failure.ts';

/** A statement of PartiQL that writes one item, with its values. */
export interface Statement {
  readonly text: string;
  readonly values: readonly AttributeValue[];
}

/** An item's key. */
export type Key = Readonly<Record<string, AttributeValue>>;

/**
 * Requests of many parts, each of which DynamoDB does or refuses by itself. A request that is refused as a whole is tried again by the
 * client; what it does not know is a part that is refused for now: this tries it again with growing, jittered pauses.
 */
export class DynamoDatabase {
  readonly client: DynamoDBClient;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(client: DynamoDBClient, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.client = client;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Runs statements, each for another item, each conditional.
   * @returns for each whether its condition held, and so whether it was written. After a lost answer that was asked for again it may
   * be false for what was written, too: who must know looks at the item.
   */
  async write(statements: readonly Statement[]): Promise<readonly boolean[]> {
    const written = new Array<boolean>(statements.length).fill(true);
    await inParallel(chunksOf([...statements.keys()], statementsPerRequest), (chunk) =>
      this.settle(chunk, 'Throttling', async (left) => {
        const Statements = left.map((index) => asRequested(statements[index]));
        const { Responses = [] } = await this.client.send(new BatchExecuteStatementCommand({ Statements }));
        return left.filter((index, place) => {
          const answer = Responses[place];
          if (!answer) throw new PartRefused('InternalServerError', 'DynamoDB answered fewer statements than it was given.');
          if (!answer.Error) return false;
          const { Code: code = 'UnknownError', Message: message = '' } = answer.Error;
          if (isPassing(code)) return true;
          if (code !== 'DuplicateItem' && code !== 'ConditionalCheckFailed') throw new PartRefused(code, message);
          written[index] = false;
          return false;
        });
      }),
    );
    return written;
  }

  /**
   * The items with these keys, no key twice, read consistently.
   * @returns them by the value of their text attribute `by`; those that there are not are left out
   */
  async read(table: string, keys: readonly Key[], by: string): Promise<ReadonlyMap<string, Record<string, AttributeValue>>> {
    const found = new Map<string, Record<string, AttributeValue>>();
    await inParallel(chunksOf(keys, keysPerRequest), (chunk) =>
      this.settle(chunk, 'Throttling', async (left) => {
        const RequestItems = { [table]: { Keys: [...left], ConsistentRead: true } };
        const { Responses, UnprocessedKeys } = await this.client.send(new BatchGetItemCommand({ RequestItems }));
        for (const item of Responses?.[table] ?? []) found.set(item[by]?.S ?? '', item);
        return UnprocessedKeys?.[table]?.Keys ?? [];
      }),
    );
    return found;
  }

  /**
   * Writes the items together or not at all.
   * @returns nothing where it was done; else for each item why it was not
   */
  async transact(items: readonly TransactWriteItem[]): Promise<readonly CancellationReason[] | undefined> {
    try {
      await this.client.send(new TransactWriteItemsCommand({ TransactItems: [...items] }));
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const fatal = reasons.find(({ Code: code }) => code !== 'None' && code !== 'ConditionalCheckFailed' && !isPassing(code));
      if (fatal) throw new PartRefused(fatal.Code ?? 'UnknownError', fatal.Message ?? error.message);
      return reasons;
    }
  }

  /**
   * Takes steps until nothing is left, with pauses that grow while none gets on.
   * @param trouble DynamoDB's name for what is wrong if none gets on for too long
   * @param step does what it can, and answers what is left
   */
  async settle<T>(all: readonly T[], trouble: string, step: (left: readonly T[]) => Promise<readonly T[]>): Promise<void> {
    let left = all;
    for (let idle = 0; left.length > 0;) {
      const before = left.length;
      left = await step(left);
      if (left.length === 0) return;
      idle = left.length < before ? 0 : idle + 1;
      if (idle >= maxIdleSteps) throw new PartRefused(trouble, `Gave up after ${maxIdleSteps} tries.`);
      await this.#clock.sleep(this.#random.next() * Math.min(longestPauseMs, firstPauseMs * 2 ** idle));
    }
  }
}

/** docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.multiplestatements.batching.html */
const statementsPerRequest = 25;
/** docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const keysPerRequest = 100;
const requestsAtOnce = 8;

/** Full jitter: a pause is somewhere between nothing and a bound that doubles (about 15 s for all of them together). */
const firstPauseMs = 25;
const longestPauseMs = 4_000;
const maxIdleSteps = 14;

function asRequested(statement: Statement | undefined): { readonly Statement: string; readonly Parameters: AttributeValue[] } {
  if (!statement) throw new RangeError('There is no such statement.');
  return { Statement: statement.text, Parameters: [...statement.values] };
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

/** Works on several items at once. After a failure no further one is begun, and it raises when those under way have ended. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  const waiting = items.values();
  const lane = async () => {
    for (const item of waiting) {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(requestsAtOnce, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
}
