import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ScheduleUnavailable, type SendSchedule } from '../../ports/send-schedule.ts';
import type { Instant } from '../../ports/vocabulary.ts';
import type { DynamoDatabase } from './database.ts';
import { raising } from './failure.ts';
import { keyOf } from './import-items.ts';
import { numberIn } from './item.ts';
import { expiryAttribute } from './tables.ts';

/** The line in the table `imports`: one item says when it is free again, and one a stretch, until it is over, when it begins. */
export class DynamoSendSchedule implements SendSchedule {
  readonly #db: DynamoDatabase;
  readonly #table: string;

  /** @param table the table's name */
  constructor(db: DynamoDatabase, table: string) {
    this.#db = db;
    this.#table = table;
  }

  /** If the answer to a write is lost and the client asks again, a stretch stays empty; no two overlap. */
  reserve(holder: string, lengthMs: number, now: Instant): Promise<Instant> {
    const length = Math.ceil(lengthMs);
    return raising(ScheduleUnavailable, this.#table, async () => {
      const reserved = await this.#reservedBy(holder);
      if (reserved !== undefined && reserved + length > now) return reserved;
      const begins = await this.#next(length, now);
      // Who begins at once has no need to ask again.
      return begins > now ? this.#keep(holder, begins, now - length) : begins;
    });
  }

  async #reservedBy(holder: string): Promise<Instant | undefined> {
    const input = { TableName: this.#table, Key: stretchKey(holder), ConsistentRead: true };
    const { Item } = await this.#db.client.send(new GetItemCommand(input));
    return Item && numberIn(Item, 'begins');
  }

  /** Moves the end of the line, from where it is or, where nobody stands there any more, from now. */
  async #next(lengthMs: number, now: Instant): Promise<Instant> {
    for (;;) {
      const free =
        (await this.#moved('SET #free = #free + :length', '#free > :now', lengthMs, now)) ??
        (await this.#moved('SET #free = :end', 'attribute_not_exists(#free) OR #free <= :now', lengthMs, now));
      if (free !== undefined) return free - lengthMs;
    }
  }

  async #moved(update: string, condition: string, lengthMs: number, now: Instant): Promise<Instant | undefined> {
    try {
      const { Attributes = {} } = await this.#db.client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: lineKey,
          UpdateExpression: update,
          ConditionExpression: condition,
          ExpressionAttributeNames: { '#free': 'free' },
          ExpressionAttributeValues: {
            ':now': { N: String(now) },
            ...(update.includes(':length') ? { ':length': { N: String(lengthMs) } } : { ':end': { N: String(now + lengthMs) } }),
          },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return numberIn(Attributes, 'free');
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  /**
   * Of two who ask at once under one name, one is first.
   * @param over what began then or before is over
   */
  async #keep(holder: string, begins: Instant, over: Instant): Promise<Instant> {
    try {
      await this.#db.client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: {
            ...stretchKey(holder),
            begins: { N: String(begins) },
            [expiryAttribute]: { N: String(Math.ceil((begins + keptForMs) / 1_000)) },
          },
          ConditionExpression: 'attribute_not_exists(pk) OR begins <= :over',
          ExpressionAttributeValues: { ':over': { N: String(over) } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return begins;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
      return numberIn(error.Item, 'begins');
    }
  }
}

/** A stretch is remembered for a day after its beginning: a message that comes late by more than that gets a new one. */
const keptForMs = 86_400_000;

const lineKey = keyOf('schedule', 'line');

/** A partition each, so that no partition gets all of them. */
const stretchKey = (holder: string) => keyOf(`schedule#${holder}`, 'stretch');
