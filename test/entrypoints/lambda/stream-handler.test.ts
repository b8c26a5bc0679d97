import { beforeEach, describe, expect, test } from '@jest/globals';
import { userOf } from '../../../src/adapters/dynamodb/user-item.ts';
import { streamHandler, type StreamPorts } from '../../../src/entrypoints/lambda/stream-handler.ts';
import { QueueUnavailable } from '../../../src/ports/message-queue.ts';
import type { WelcomeMessage } from '../../../src/ports/vocabulary.ts';
import { upTo } from '../../contracts/world.ts';
import { faulty } from '../../domain/faulty.ts';
import { MemoryWorld } from '../../domain/world.ts';
import { lasting, RecordedTelemetry } from './invocations.ts';

let world: MemoryWorld;
let telemetry: RecordedTelemetry;
let ports: StreamPorts;
beforeEach(() => {
  world = new MemoryWorld();
  telemetry = new RecordedTelemetry();
  ports = { welcomes: world.welcomes, ids: world.ids, clock: world.clock, telemetry, userOf };
});

/** A record of the stream of users (DynamoDB Developer Guide, "DynamoDB Streams and Lambda"). */
function inserted(n: number, image: Readonly<Record<string, unknown>> = {}, parts: Readonly<Record<string, unknown>> = {}) {
  const NewImage = {
    key: { S: `user${n}@example.com` },
    name: { S: `User ${n}` },
    importId: { S: 'import-a' },
    row: { N: String(n) },
    version: { S: 'v' },
    welcome: { BOOL: true },
    ...image,
  };
  return {
    eventSource: 'aws:dynamodb',
    eventName: 'INSERT',
    dynamodb: { SequenceNumber: `seq-${n}`, StreamViewType: 'NEW_IMAGE', NewImage },
    ...parts,
  };
}

const handle = (...records: readonly unknown[]) => streamHandler(ports)({ Records: records }, lasting(60_000));
const failures = (...ids: readonly string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
const announced = () =>
  world.welcomes.texts().flatMap((text) => (JSON.parse(text) as WelcomeMessage).recipients.map(({ address }) => address));
const malformed = (n: number) => inserted(n, { name: undefined });

describe('the records of the stream', () => {
  test('inserted users go to the welcomes queue in one message', async () => {
    expect(await handle(...upTo(120).map((n) => inserted(n)))).toStrictEqual(failures());
    expect(world.welcomes.texts()).toHaveLength(1);
    expect(announced()).toStrictEqual(upTo(120).map((n) => `user${n}@example.com`));
    expect([telemetry.total('announced'), telemetry.flushed]).toStrictEqual([120, 1]);
  });

  test('changes, removals and users without a welcome are passed over', async () => {
    expect(
      await handle(inserted(1, {}, { eventName: 'MODIFY' }), inserted(2, { welcome: { BOOL: false } }), inserted(3), {
        ...inserted(4),
        eventName: 'REMOVE',
      }),
    ).toStrictEqual(failures());
    expect(announced()).toStrictEqual(['user3@example.com']);
  });

  test('those before a malformed record are announced, and Lambda goes on with it', async () => {
    expect(await handle(inserted(1), inserted(2), malformed(3), inserted(4))).toStrictEqual(failures('seq-3'));
    expect(announced()).toStrictEqual(['user1@example.com', 'user2@example.com']);
    expect(telemetry.events).toMatchObject([{ level: 'error', event: 'stream-record-malformed', facts: { sequenceNumber: 'seq-3' } }]);
  });

  test.each([
    ['first of several', () => [malformed(1), inserted(2)]],
    ['alone', () => [malformed(1)]],
    ['of an unknown event', () => [inserted(1, {}, { eventName: 'TRUNCATE' })]],
    ['without an image', () => [inserted(1, {}, { dynamodb: { SequenceNumber: 'seq-1' } })]],
    ['without a sequence number', () => [inserted(1), { ...malformed(2), dynamodb: {} }]],
  ])('a malformed record that is %s fails the batch, so that Lambda divides it or gives it up', async (_, records) => {
    await expect(handle(...records())).rejects.toMatchObject({ name: 'RecordMalformed', code: 'record-malformed' });
    expect(telemetry.events).toMatchObject([{ level: 'error', event: 'invocation-failed' }]);
  });

  test('divided, all the others are announced', async () => {
    /** As a mapping does it: a batch that fails is halved, one record that fails is given up. */
    const givenUp: unknown[] = [];
    const feed = async (records: readonly ReturnType<typeof inserted>[]): Promise<void> => {
      if (records.length === 0) return;
      try {
        const [failure] = (await handle(...records)).batchItemFailures;
        if (failure) await feed(records.slice(records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure.itemIdentifier)));
      } catch {
        const half = Math.floor(records.length / 2);
        if (half === 0) givenUp.push(records[0]?.dynamodb.SequenceNumber);
        else {
          await feed(records.slice(0, half));
          await feed(records.slice(half));
        }
      }
    };
    await feed(upTo(60).map((n) => (n === 7 || n === 8 || n === 41 ? malformed(n) : inserted(n))));
    expect(givenUp).toStrictEqual(['seq-7', 'seq-8', 'seq-41']);
    expect(new Set(announced()).size).toBe(57);
  });

  test('where the queue is away they come again from the first on', async () => {
    ports = { ...ports, welcomes: faulty(world.welcomes, { before: { send: () => Promise.reject(new QueueUnavailable('away')) } }) };
    expect(await handle(inserted(1), inserted(2))).toStrictEqual(failures('seq-1'));
    expect(telemetry.events).toMatchObject([{ level: 'error', event: 'announce-failed' }]);
  });

  test('a defect is raised', async () => {
    ports = { ...ports, welcomes: faulty(world.welcomes, { before: { send: () => Promise.reject(new TypeError('odd')) } }) };
    await expect(handle(inserted(1))).rejects.toThrow('odd');
  });

  test.each([
    ['of a queue', { Records: [{ eventSource: 'aws:sqs', messageId: 'm1', body: '{}' }] }],
    ['of a schedule', { source: 'aws.events' }],
  ])('an event %s is refused', async (_, event) => {
    await expect(streamHandler(ports)(event, lasting(60_000))).rejects.toMatchObject({ name: 'UnknownEvent' });
    expect(announced()).toStrictEqual([]);
  });
});
