import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { DirectoryUnavailable } from '../../ports/user-directory.ts';
import type { FeedBatch, UserFeed } from '../../ports/user-feed.ts';
import type { StopSignal } from '../../ports/vocabulary.ts';
import { isNamed, raising } from './failure.ts';
import { FeedStateItem, type Positions } from './feed-state.ts';
import { StreamReader, type Reading } from './stream-reader.ts';
import type { ReadImage } from './stream-records.ts';

export interface StreamFeedClients {
  readonly tables: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
}

export interface StreamFeedPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly telemetry: Telemetry;
  /** How whoever writes the users writes them. */
  readonly userOf: ReadImage;
}

export interface StreamFeedOptions {
  /** Names of tables: the one whose stream is read, and the one that keeps the place in it. */
  readonly users: string;
  readonly imports: string;
  /** How long a batch stays with its reader, in milliseconds. */
  readonly leaseMs: number;
  /** How often to look for new records while waiting, in milliseconds. A look costs a request a shard. */
  readonly lookMs: number;
}

/**
 * The stream of the table `users`, for a worker that runs without Lambda. A lease on one item keeps two workers from announcing the
 * same users; positions move when a batch is let go of. What is older than 24 hours is gone from a stream, and left to the sweep.
 */
export class DynamoStreamUserFeed implements UserFeed {
  readonly #tables: DynamoDBClient;
  readonly #reader: StreamReader;
  readonly #counter: () => StreamReader;
  readonly #state: FeedStateItem;
  readonly #ports: StreamFeedPorts;
  readonly #options: StreamFeedOptions;
  #stream: string | undefined;

  constructor({ tables, streams }: StreamFeedClients, ports: StreamFeedPorts, options: StreamFeedOptions) {
    this.#tables = tables;
    this.#counter = () => new StreamReader(streams, ports.userOf, ports.telemetry);
    this.#reader = this.#counter();
    this.#state = new FeedStateItem(tables, options.imports);
    this.#ports = ports;
    this.#options = options;
  }

  async receive(limit: number, waitMs: number, signal?: StopSignal): Promise<FeedBatch> {
    const { clock } = this.#ports;
    const until = clock.now() + waitMs;
    const isStopped = () => signal?.aborted === true;
    for (;;) {
      const batch = await raising(this.#options.users, () => this.#take(limit));
      const left = until - clock.now();
      if (batch.users.length > 0 || left <= 0 || isStopped()) return batch;
      await clock.sleep(Math.min(left, this.#options.lookMs), signal);
      if (isStopped()) return nobody;
    }
  }

  advance({ cursor }: FeedBatch): Promise<void> {
    return raising(this.#options.imports, async () => {
      for (;;) {
        const { lease, ...state } = await this.#state.load();
        if (lease?.holder !== cursor || lease.until <= this.#ports.clock.now()) return;
        if (await this.#state.save({ ...state, positions: lease.positions })) return;
      }
    });
  }

  /** At least so many: a stream tells neither its length nor its end. Users are counted as far as they are found, and no further than 10,000. */
  depth(): Promise<number> {
    return raising(this.#options.users, async () => {
      const stream = await this.#streamName();
      const { positions } = await this.#state.load();
      // With a reader of its own, so that the feed's is not led astray.
      const { users } = await this.#counter().read(stream, positions, countedAtMost);
      return users.length;
    });
  }

  async #take(limit: number): Promise<FeedBatch> {
    const { clock, ids } = this.#ports;
    const { lease, ...state } = await this.#state.load();
    if (lease && lease.until > clock.now()) return nobody;
    const { users, positions } = await this.#read(state.positions, limit);
    if (users.length === 0) {
      // Whoever wrote in between has taken care of it: the same records come again.
      if (!isSame(positions, state.positions)) await this.#state.save({ ...state, positions });
      return nobody;
    }
    const holder = ids.fresh();
    const until = clock.now() + this.#options.leaseMs;
    return (await this.#state.save({ ...state, lease: { holder, until, positions } })) ? { users, cursor: holder } : nobody;
  }

  async #read(from: Positions, limit: number): Promise<Reading> {
    try {
      return await this.#reader.read(await this.#streamName(), from, limit);
    } catch (error) {
      // The table may have been made anew, with another stream.
      if (isNamed(error, 'ResourceNotFoundException')) this.#stream = undefined;
      throw error;
    }
  }

  async #streamName(): Promise<string> {
    if (this.#stream !== undefined) return this.#stream;
    const { Table } = await this.#tables.send(new DescribeTableCommand({ TableName: this.#options.users }));
    if (Table?.LatestStreamArn === undefined || Table.StreamSpecification?.StreamEnabled !== true) {
      throw new DirectoryUnavailable(`The table ${this.#options.users} has no stream.`, {
        hint: 'Switch on its stream with the view type NEW_IMAGE (terraform apply does).',
      });
    }
    this.#stream = Table.LatestStreamArn;
    return this.#stream;
  }
}

const nobody: FeedBatch = { users: [], cursor: '' };
const countedAtMost = 10_000;

function isSame(a: Positions, b: Positions): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
