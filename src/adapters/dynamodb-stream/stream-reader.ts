import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type DynamoDBStreamsClient,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { User } from '../../ports/vocabulary.ts';
import { isNamed } from './failure.ts';
import type { Positions } from './feed-state.ts';
import { toldBy, type ReadImage, type StreamRecord } from './stream-records.ts';

/** What was read, and the positions behind it. */
export interface Reading {
  readonly users: readonly User[];
  readonly positions: Positions;
}

/**
 * Reads a table's stream from given positions on. A stream is a tree of shards: some hours after its beginning, or when the table
 * grows, a shard ends and others follow it; a shard may be read when the one before it has been read to its end or is gone
 * (docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html).
 */
export class StreamReader {
  readonly #client: DynamoDBStreamsClient;
  readonly #userOf: ReadImage;
  readonly #telemetry: Telemetry;
  /** Where a shard goes on, as the last answer said. An answer without records moves on, too, though no position says so. */
  readonly #iterators = new Map<string, { readonly after: string; readonly iterator: string }>();
  #turn = 0;

  constructor(client: DynamoDBStreamsClient, userOf: ReadImage, telemetry: Telemetry) {
    this.#client = client;
    this.#userOf = userOf;
    this.#telemetry = telemetry;
  }

  /** Reads at most `limit` records from the positions on, from each shard that may be read in turn. */
  async read(stream: string, from: Positions, limit: number): Promise<Reading> {
    const shards = await this.#shards(stream);
    const positions: Record<string, string> = {};
    for (const { id } of shards) positions[id] = from[id] ?? start;
    const users: User[] = [];
    const read = new Set<string>();
    const next = () => {
      const ready = shards.filter(({ id, parent }) => !read.has(id) && positions[id] !== end && (positions[parent] ?? end) === end);
      return ready[this.#turn % ready.length];
    };
    // Each call begins with another shard, so that a busy one keeps no other from being heard.
    this.#turn++;
    let left = limit;
    for (let shard = next(); shard && left > 0; shard = next()) {
      read.add(shard.id);
      const { told, position, records } = await this.#readShard(stream, shard, positions[shard.id] ?? start, left);
      users.push(...told);
      positions[shard.id] = position;
      left -= records;
    }
    for (const id of this.#iterators.keys()) if (!(id in positions)) this.#iterators.delete(id);
    return { users, positions: Object.fromEntries(Object.entries(positions).filter(([, position]) => position !== start)) };
  }

  async #readShard(
    stream: string,
    shard: KnownShard,
    from: string,
    limit: number,
  ): Promise<{ readonly told: readonly User[]; readonly position: string; readonly records: number }> {
    const told: User[] = [];
    let position = from;
    let records = 0;
    for (let pages = 0; pages < pagesAtOnce && records < limit; pages++) {
      const page = await this.#page(stream, shard.id, position, Math.min(limit - records, recordsPerPage));
      const { users, malformed } = toldBy(page.records, this.#userOf);
      for (const { why, ...place } of malformed) {
        this.#telemetry.error('stream-record-malformed', new Error(why), { shard: shard.id, ...place });
      }
      told.push(...users);
      records += page.records.length;
      position = page.next === undefined ? end : (page.records.at(-1)?.dynamodb?.SequenceNumber ?? position);
      if (page.next === undefined) break;
      this.#iterators.set(shard.id, { after: position, iterator: page.next });
      // A shard that has ended may hold records behind empty pages; one that goes on may, too, and is asked again soon anyway.
      if (page.records.length === 0 && !shard.ended) break;
    }
    return { told, position, records };
  }

  /** The records behind a position, and the iterator behind them; without one the shard is at its end. */
  async #page(stream: string, shard: string, after: string, limit: number): Promise<Page> {
    const kept = this.#iterators.get(shard);
    this.#iterators.delete(shard);
    try {
      const iterator = kept?.after === after ? kept.iterator : await this.#iterator(stream, shard, after);
      const { Records, NextShardIterator } = await this.#client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }));
      return { records: Records ?? [], next: NextShardIterator };
    } catch (error) {
      // An iterator is good for 15 minutes.
      if (isNamed(error, 'ExpiredIteratorException') && kept) return this.#page(stream, shard, after, limit);
      // Records are kept for 24 hours. Whose record is gone is found by the sweep.
      if (isNamed(error, 'TrimmedDataAccessException') && after !== start) {
        this.#telemetry.warn('stream-trimmed', { shard, after });
        return this.#page(stream, shard, start, limit);
      }
      if (isNamed(error, 'ResourceNotFoundException')) {
        this.#telemetry.warn('stream-shard-gone', { shard });
        return { records: [], next: undefined };
      }
      throw error;
    }
  }

  async #iterator(stream: string, shard: string, after: string): Promise<string> {
    const { ShardIterator } = await this.#client.send(
      new GetShardIteratorCommand({
        StreamArn: stream,
        ShardId: shard,
        ...(after === start
          ? { ShardIteratorType: 'TRIM_HORIZON' }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after }),
      }),
    );
    if (ShardIterator === undefined) throw new TypeError(`DynamoDB answered no iterator for the shard ${shard}.`);
    return ShardIterator;
  }

  /** All shards that there are still, older ones first. */
  async #shards(stream: string): Promise<readonly KnownShard[]> {
    const shards: KnownShard[] = [];
    let after: string | undefined;
    do {
      const { StreamDescription } = await this.#client.send(
        new DescribeStreamCommand({ StreamArn: stream, ...(after !== undefined && { ExclusiveStartShardId: after }) }),
      );
      shards.push(...(StreamDescription?.Shards ?? []).map(knownOf));
      after = StreamDescription?.LastEvaluatedShardId;
    } while (after !== undefined);
    return shards;
  }
}

interface KnownShard {
  readonly id: string;
  /** Empty where there is none. */
  readonly parent: string;
  /** No more records come into it. */
  readonly ended: boolean;
}

interface Page {
  readonly records: readonly StreamRecord[];
  readonly next: string | undefined;
}

/** The position of a shard of which nothing has been read, and that of one of which all has. */
const start = '';
const end = 'end';

/** docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
const recordsPerPage = 1_000;
/** An old shard with many empty pages is not to hold up the others. */
const pagesAtOnce = 20;

function knownOf({ ShardId = '', ParentShardId = '', SequenceNumberRange }: Shard): KnownShard {
  return { id: ShardId, parent: ParentShardId, ended: SequenceNumberRange?.EndingSequenceNumber !== undefined };
}
