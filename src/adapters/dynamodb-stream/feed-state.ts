import { GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Instant } from '../../ports/vocabulary.ts';
import { isNamed } from './failure.ts';

/** Up to where each shard has been read: a sequence number, or `end` where all of it was. A shard that is not named is unread. */
export type Positions = Readonly<Record<string, string>>;

/** How far the stream is announced, and who has the next users in hand. */
export interface FeedState {
  /** Raised by each write; 0 where nothing is kept yet. */
  readonly revision: number;
  /** Of the shards that there were at the last reading. No two streams have a shard of one name: a table that is made anew has new ones. */
  readonly positions: Positions;
  readonly lease?: FeedLease;
}

interface FeedLease {
  readonly holder: string;
  readonly until: Instant;
  /** The positions once the holder has announced its users. */
  readonly positions: Positions;
}

/** The feed's state as one item of the table `imports`, written over the revision that it was read at. */
export class FeedStateItem {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async load(): Promise<FeedState> {
    const { Item } = await this.#client.send(new GetItemCommand({ TableName: this.#table, Key: key, ConsistentRead: true }));
    if (!Item) return { revision: 0, positions: {} };
    return { ...(JSON.parse(Item['state']?.S ?? '{}') as Omit<FeedState, 'revision'>), revision: Number(Item['revision']?.N) };
  }

  /** Keeps the state if the kept one still has its revision; answers whether it did. */
  async save({ revision, ...rest }: FeedState): Promise<boolean> {
    const state = { S: JSON.stringify(rest) };
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: { ...key, revision: { N: String(revision + 1) }, state },
          ConditionExpression: revision === 0 ? 'attribute_not_exists(pk)' : 'revision = :revision',
          ...(revision > 0 && { ExpressionAttributeValues: { ':revision': { N: String(revision) } } }),
        }),
      );
      return true;
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return false;
      throw error;
    }
  }
}

const key = { pk: { S: 'feed' }, sk: { S: 'state' } };
