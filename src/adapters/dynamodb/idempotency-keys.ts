import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { KeysUnavailable, type IdempotencyKeys, type KeptAnswer } from '../../ports/idempotency-keys.ts';
import type { Instant } from '../../ports/vocabulary.ts';
import type { DynamoDatabase } from './database.ts';
import { raising } from './failure.ts';
import { keyOf, type ImportsKey } from './import-items.ts';
import { jsonIn, numberIn, textIn, type Item } from './item.ts';
import { expiryAttribute } from './tables.ts';

/** Answers in the table `imports`, one partition a key, so that no partition gets all of them. DynamoDB removes old ones by itself, days late at worst. */
export class DynamoIdempotencyKeys implements IdempotencyKeys {
  readonly #db: DynamoDatabase;
  readonly #table: string;

  /** @param table the table's name */
  constructor(db: DynamoDatabase, table: string) {
    this.#db = db;
    this.#table = table;
  }

  find(key: string, since: Instant): Promise<KeptAnswer | undefined> {
    return this.#raising(async () => {
      const input = { TableName: this.#table, Key: answerKey(key), ConsistentRead: true };
      const { Item } = await this.#db.client.send(new GetItemCommand(input));
      const answer = Item && answerOf(Item);
      return answer && answer.at >= since ? answer : undefined;
    });
  }

  /** Where the client asks again because an answer of DynamoDB got lost, the condition fails by our own write, which says the same. */
  keep(key: string, answer: KeptAnswer, since: Instant): Promise<KeptAnswer> {
    return this.#raising(async () => {
      try {
        await this.#db.client.send(
          new PutItemCommand({
            TableName: this.#table,
            Item: itemOf(key, answer, since),
            ConditionExpression: 'attribute_not_exists(pk) OR #at < :since',
            ExpressionAttributeNames: { '#at': 'at' },
            ExpressionAttributeValues: { ':since': { N: String(since) } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return answer;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
        return answerOf(error.Item);
      }
    });
  }

  #raising<T>(work: () => Promise<T>): Promise<T> {
    return raising(KeysUnavailable, this.#table, work);
  }
}

function answerKey(key: string): ImportsKey {
  return keyOf(`answer#${key}`, 'answer');
}

/** It is kept as long after its time as `since` lies before: so long do those who ask look back. */
function itemOf(key: string, { request, status, headers, body, at }: KeptAnswer, since: Instant): Record<string, AttributeValue> {
  return {
    ...answerKey(key),
    request: { S: request },
    status: { N: String(status) },
    headers: { S: JSON.stringify(headers) },
    body: { S: body },
    at: { N: String(at) },
    [expiryAttribute]: { N: String(Math.ceil((at + (at - since)) / 1_000)) },
  };
}

function answerOf(item: Item): KeptAnswer {
  return {
    request: textIn(item, 'request'),
    status: numberIn(item, 'status'),
    headers: jsonIn(item, 'headers') as KeptAnswer['headers'],
    body: textIn(item, 'body'),
    at: numberIn(item, 'at'),
  };
}
