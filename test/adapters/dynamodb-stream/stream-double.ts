import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type DynamoDBStreamsClient,
} from '@aws-sdk/client-dynamodb-streams';

/** A shard as a test draws it. Each record is at a place, counted from 1; the places below `kept` were trimmed. */
export interface DrawnShard {
  readonly id: string;
  readonly parent?: string;
  /** What each record holds; an array is an answer without records on the way to the next one. */
  readonly records: readonly (string | readonly [])[];
  ended?: boolean;
  /** The first place that is still kept. */
  kept?: number;
}

/** A stream with the shards that a test draws, as DynamoDB's own API tells of it. */
export class StreamDouble {
  shards: DrawnShard[];
  /** The shards whose records were asked for, in order. */
  readonly asked: string[] = [];
  /** How many shards a description holds. */
  readonly perPage: number;
  /** Shards that are still described, and cannot be read any more. */
  readonly gone = new Set<string>();
  #generation = 0;

  constructor(shards: readonly DrawnShard[], perPage = 100) {
    this.shards = [...shards];
    this.perPage = perPage;
  }

  /** Every iterator that was given out is too old now. */
  expireIterators(): void {
    this.#generation += 1;
  }

  get client(): DynamoDBStreamsClient {
    // The feed calls `send` alone; the SDK's class has a hundred members more, some of them private.
    return { send: async (command: unknown) => this.#answer(command) } as unknown as DynamoDBStreamsClient;
  }

  #answer(command: unknown): unknown {
    if (command instanceof DescribeStreamCommand) return this.#describe(command.input.ExclusiveStartShardId);
    if (command instanceof GetShardIteratorCommand) {
      const { ShardId = '', SequenceNumber, ShardIteratorType } = command.input;
      const { kept = 1 } = this.#shard(ShardId);
      if (ShardIteratorType === 'TRIM_HORIZON') return { ShardIterator: this.#iterator(ShardId, kept) };
      const next = Number(SequenceNumber) + 1;
      if (next < kept) throw named('TrimmedDataAccessException');
      return { ShardIterator: this.#iterator(ShardId, next) };
    }
    if (command instanceof GetRecordsCommand) return this.#records(command.input.ShardIterator ?? '', command.input.Limit ?? 1_000);
    throw new TypeError('The double knows no such command.');
  }

  #describe(after: string | undefined): unknown {
    const from = after === undefined ? 0 : this.shards.findIndex(({ id }) => id === after) + 1;
    const page = this.shards.slice(from, from + this.perPage);
    const Shards = page.map(({ id, parent, ended }) => ({
      ShardId: id,
      ...(parent !== undefined && { ParentShardId: parent }),
      SequenceNumberRange: { StartingSequenceNumber: '1', ...(ended === true && { EndingSequenceNumber: '99' }) },
    }));
    const isLast = from + this.perPage >= this.shards.length;
    return { StreamDescription: { Shards, ...(!isLast && { LastEvaluatedShardId: page.at(-1)?.id }) } };
  }

  #records(iterator: string, limit: number): unknown {
    const [id = '', from = '', generation = ''] = iterator.split(':');
    const shard = this.#shard(id);
    this.asked.push(id);
    if (Number(generation) !== this.#generation) throw named('ExpiredIteratorException');
    if (Number(from) < (shard.kept ?? 1)) throw named('TrimmedDataAccessException');
    const Records: unknown[] = [];
    let at = Number(from);
    for (; at <= shard.records.length && Records.length < limit; at++) {
      const record = shard.records[at - 1];
      if (typeof record === 'string') Records.push(recordOf(record, at));
      else if (Records.length > 0) break;
      else return { Records, NextShardIterator: this.#iterator(id, at + 1) };
    }
    const isOver = shard.ended === true && at > shard.records.length;
    return { Records, ...(!isOver && { NextShardIterator: this.#iterator(id, at) }) };
  }

  #iterator(id: string, place: number): string {
    return `${id}:${place}:${this.#generation}`;
  }

  #shard(id: string): DrawnShard {
    const shard = this.shards.find((one) => one.id === id);
    if (!shard || this.gone.has(id)) throw named('ResourceNotFoundException');
    return shard;
  }
}

/** A record of what happened to somebody: `INSERT a` or only `a`, `MODIFY a`, `INSERT` for one without an image. */
function recordOf(text: string, place: number): unknown {
  const [event = '', name] = text.includes(' ') || text === 'INSERT' ? text.split(' ') : ['INSERT', text];
  const NewImage = name === undefined ? undefined : { key: { S: name } };
  return { eventName: event, dynamodb: { SequenceNumber: String(place), ...(NewImage && { NewImage }) } };
}

function named(name: string): Error {
  return Object.assign(new Error(`This is ${name}.`), { name });
}
