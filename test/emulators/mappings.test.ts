import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { upTo } from '../contracts/world.ts';
import { AwsEmulator } from './aws.ts';
import type { Invocation } from './lambda.ts';
import { QueueMapping } from './queue-mapping.ts';
import { counting, Tally } from './tally.ts';

interface Event {
  readonly Records: readonly { readonly messageId: string; readonly body: string; readonly attributes: Readonly<Record<string, string>> }[];
}

let aws: AwsEmulator;
let client: SQSClient;
let url: string;
let mapping: QueueMapping | undefined;
const tally = new Tally();

beforeEach(async () => {
  aws = await AwsEmulator.start();
  aws.watch(counting(tally));
  tally.forget();
  client = new SQSClient(aws.settings);
  url = aws.createQueue('tried', { VisibilityTimeout: '600' });
});

afterEach(async () => {
  await mapping?.stop();
  client.destroy();
  await aws.close();
});

/** Feeds a function of this process; answers the bodies of each invocation. */
function feed(batchSize: number, answer: (event: Event, nth: number) => Invocation): readonly (readonly string[])[] {
  const seen: string[][] = [];
  const invoke = (event: unknown) => {
    seen.push((event as Event).Records.map(({ body }) => body));
    return Promise.resolve(answer(event as Event, seen.length));
  };
  mapping = new QueueMapping({ client, url, function: { invoke }, batchSize, windowSeconds: 0, concurrency: 1 }).start();
  return seen;
}

async function send(...bodies: readonly string[]): Promise<void> {
  const Entries = bodies.map((MessageBody, n) => ({ Id: String(n), MessageBody }));
  await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const sorted = (bodies: readonly string[]) => [...bodies].sort();

describe('the mapping of a queue', () => {
  test('hands over batches, and deletes what succeeded', async () => {
    await send(...upTo(7).map(String));
    const seen = feed(3, () => ({ answer: { batchItemFailures: [] } }));
    await until(() => aws.textsOn(url).length === 0);
    expect(seen.map(({ length }) => length)).toStrictEqual([3, 3, 1]);
    expect(sorted(seen.flat())).toStrictEqual(upTo(7).map(String));
  });

  test('leaves what the function names, and it comes again', async () => {
    await send('good', 'bad');
    const seen = feed(10, ({ Records }, nth) => {
      const failed = nth === 1 ? Records.filter(({ body }) => body === 'bad') : [];
      return { answer: { batchItemFailures: failed.map(({ messageId: itemIdentifier }) => ({ itemIdentifier })) } };
    });
    await until(() => aws.textsOn(url).length === 1);
    expect(aws.textsOn(url, 'ready')).toStrictEqual([]);
    aws.hasten(url);
    await until(() => aws.textsOn(url).length === 0);
    expect(seen.map(sorted)).toStrictEqual([['bad', 'good'], ['bad']]);
  });

  test.each<[string, Invocation]>([
    ['fails', { error: { type: 'Error', message: 'no' } }],
    ['names a message that it was not given', { answer: { batchItemFailures: [{ itemIdentifier: 'another' }] } }],
    ['names none', { answer: { batchItemFailures: [{ itemIdentifier: '' }] } }],
  ])('leaves all of a batch where the function %s', async (_, invocation) => {
    await send('one', 'two');
    const seen = feed(10, () => invocation);
    await until(() => seen.length === 1);
    await mapping?.stop();
    expect(sorted(aws.textsOn(url))).toStrictEqual(['one', 'two']);
  });

  test('is billed for each 64 KiB that it receives, once a request', async () => {
    await send('x'.repeat(65_536), 'y');
    feed(10, () => ({ answer: null }));
    await until(() => aws.textsOn(url).length === 0);
    await mapping?.stop();
    expect(['SendMessageBatch', 'ReceiveMessage', 'DeleteMessageBatch'].map((kind) => tally.units(`SQS tried ${kind}`))).toStrictEqual([
      2, 2, 1,
    ]);
  });
});
