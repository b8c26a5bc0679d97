import { randomUUID } from 'node:crypto';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
  type DynamoDBStreamsClient,
  type _Record,
} from '@aws-sdk/client-dynamodb-streams';
import type { Invocation } from './lambda.ts';
import { Mapping, type Invocable } from './mapping.ts';

export interface StreamMappingSettings {
  readonly client: DynamoDBStreamsClient;
  readonly streamArn: string;
  readonly function: Invocable;
  /** The filter: records that it does not let through are forgotten. */
  readonly filter: (record: _Record) => boolean;
  readonly batchSize: number;
  readonly windowMs: number;
  /** How often one record may fail once it stands alone. */
  readonly retries: number;
  /** Puts an object into the bucket of failures. */
  readonly onFailure: (key: string, body: string) => Promise<void>;
}

/**
 * A stand-in for Lambda's event source mapping of a table's stream (Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB"), from
 * the oldest record on: filters, gathers batches, and calls the function with one after the other of a shard. A batch that fails is taken
 * up at the first record that the function names, and bisected; a record that fails alone is tried again, and then put to the bucket of
 * failures, with its batch's place and content. Shards are those there are at the start: DynamoDB Local keeps one for hours.
 */
export class StreamMapping extends Mapping {
  /** How often there was nothing new after everything before was dealt with. */
  emptyLooks = 0;
  readonly #settings: StreamMappingSettings;
  readonly #id = randomUUID();

  constructor(settings: StreamMappingSettings) {
    super();
    this.#settings = settings;
  }

  protected async run(stop: AbortSignal): Promise<void> {
    const { client, streamArn: StreamArn } = this.#settings;
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
    await Promise.all((StreamDescription?.Shards ?? []).map(({ ShardId = '' }) => this.#follow(ShardId, stop)));
  }

  async #follow(ShardId: string, stop: AbortSignal): Promise<void> {
    const { client, streamArn: StreamArn, filter, batchSize, windowMs } = this.#settings;
    let last: string | undefined;
    const iterator = async () => {
      const from =
        last === undefined
          ? { ShardIteratorType: 'TRIM_HORIZON' as const }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: last };
      return (await client.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...from }))).ShardIterator;
    };
    let ShardIterator = await iterator();
    let batch: _Record[] = [];
    let since = 0;
    while (!stop.aborted && ShardIterator !== undefined) {
      const looked = await client.send(new GetRecordsCommand({ ShardIterator, Limit: mostAtOnce })).catch(unlessTrimmed);
      const { Records = [] } = looked ?? {};
      last = Records.at(-1)?.dynamodb?.SequenceNumber ?? last;
      ShardIterator = looked ? looked.NextShardIterator : await iterator();
      const wanted = Records.filter(filter);
      if (batch.length === 0 && wanted.length > 0) since = Date.now();
      batch.push(...wanted);
      while (batch.length >= batchSize || (batch.length > 0 && Date.now() - since >= windowMs)) {
        await this.#handle(batch.slice(0, batchSize), ShardId);
        batch = batch.slice(batchSize);
      }
      if (Records.length > 0) continue;
      if (batch.length === 0) this.emptyLooks += 1;
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  async #handle(records: readonly _Record[], shard: string, tries = 1): Promise<void> {
    const left = leftOf(await this.#settings.function.invoke({ Records: records.map((record) => this.#eventOf(record)) }), records);
    if (left.length === 0) return;
    if (left.length < records.length) return this.#handle(left, shard);
    if (left.length > 1) {
      const half = Math.ceil(left.length / 2);
      await this.#handle(left.slice(0, half), shard);
      return this.#handle(left.slice(half), shard);
    }
    if (tries <= this.#settings.retries) return this.#handle(left, shard, tries + 1);
    await this.#settings.onFailure(...this.#failureOf(left, shard, tries));
  }

  /** Where the failure is kept, and how it is told (Lambda Developer Guide, "Retaining discarded records"). */
  #failureOf(records: readonly _Record[], shardId: string, tries: number): [key: string, body: string] {
    const at = new Date().toISOString();
    const key = `aws/lambda/${this.#id}/${shardId}/${at.slice(0, 10).replaceAll('-', '/')}/${at.slice(0, 19).replaceAll(':', '.')}-${randomUUID()}`;
    const body = {
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: tries },
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: records[0]?.dynamodb?.SequenceNumber,
        endSequenceNumber: records.at(-1)?.dynamodb?.SequenceNumber,
        batchSize: records.length,
        streamArn: this.#settings.streamArn,
      },
      payload: JSON.stringify({ Records: records.map((record) => this.#eventOf(record)) }),
    };
    return [key, JSON.stringify(body)];
  }

  #eventOf({ eventID, eventName, eventVersion, dynamodb: { ApproximateCreationDateTime: at, ...change } = {} }: _Record): object {
    return {
      eventID,
      eventName,
      eventVersion,
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-central-1',
      dynamodb: { ...change, ApproximateCreationDateTime: (at?.getTime() ?? 0) / 1000 },
      eventSourceARN: this.#settings.streamArn,
    };
  }
}

/** DynamoDB Local takes an iterator of a shard that was empty for one of records that are gone by now: a new one does. */
function unlessTrimmed(error: unknown): undefined {
  if (!(error instanceof TrimmedDataAccessException)) throw error;
}

/** Of one look at a shard, and how long it waits where there was nothing. */
const mostAtOnce = 1000;
const lookMs = 100;

/** The records from the first one on that is to come again: all of them where the answer makes no sense. */
function leftOf(invocation: Invocation, records: readonly _Record[]): readonly _Record[] {
  if ('error' in invocation) return records;
  const { batchItemFailures: failures = [] } = (invocation.answer ?? {}) as { readonly batchItemFailures?: readonly unknown[] | null };
  if (failures === null || failures.length === 0) return [];
  const places = failures.map((failure) => {
    const { itemIdentifier: id } = failure as { readonly itemIdentifier?: unknown };
    return records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === id);
  });
  return places.includes(-1) ? records : records.slice(Math.min(...places));
}
