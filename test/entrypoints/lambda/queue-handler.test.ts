import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { queueHandler, type QueuePorts } from '../../../src/entrypoints/lambda/queue-handler.ts';
import { acknowledged, type Stage, type Verdict } from '../../../src/entrypoints/stages/stage.ts';
import { QueueUnavailable } from '../../../src/ports/message-queue.ts';
import type { Delivery } from '../../../src/ports/message-source.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { plainCodec } from '../../domain/plain.ts';
import { lasting, queueArn, RecordedTelemetry, sqsRecord } from './invocations.ts';

type Text = { readonly text: string };

let clock: MemoryClock;
let telemetry: RecordedTelemetry;
let released: [string, readonly string[], number][];
let handed: (readonly Delivery<Text>[])[];
let ports: QueuePorts<Text>;
beforeEach(() => {
  clock = new MemoryClock();
  telemetry = new RecordedTelemetry();
  released = [];
  handed = [];
  ports = {
    clock,
    telemetry,
    codec: plainCodec<Text>(),
    releases: (arn) => ({ release: async (receipts, delayMs) => void released.push([arn, receipts, delayMs]) }),
  };
});

/** A stage that gives these verdicts. */
function stageOf(...verdicts: readonly Verdict[]): Stage<Text> {
  return {
    name: 'insert-records',
    handle: async (deliveries) => {
      handed.push(deliveries);
      return verdicts;
    },
  };
}

const message = (n: number) => sqsRecord(`m${n}`, JSON.stringify({ text: `text ${n}` }));
const handle = (event: unknown, stage: Stage<Text>, context = lasting(60_000)) => queueHandler(ports, () => stage, 0)(event, context);
const failures = (...ids: readonly string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

describe('the events of a queue', () => {
  test('messages become deliveries, and what is acknowledged is left for Lambda to delete', async () => {
    expect(await handle({ Records: [message(1), message(2)] }, stageOf(acknowledged, acknowledged))).toStrictEqual(failures());
    const content = (n: number) => ({ ours: true, message: { text: `text ${n}` } });
    expect(handed).toStrictEqual([
      [
        { id: 'm1', receipt: 'receipt of m1', content: content(1), receives: 1, sentAt: 1_800_000_000_000 },
        { id: 'm2', receipt: 'receipt of m2', content: content(2), receives: 1, sentAt: 1_800_000_000_000 },
      ],
    ]);
    expect(released).toStrictEqual([]);
    expect(telemetry.counts).toContainEqual({ metric: 'messages', value: 2, facts: { stage: 'insert-records', verdict: 'acknowledge' } });
  });

  test('what is released is let go of for its delay, and named as failed, and nothing else is', async () => {
    const error = new Error('row 3 is odd');
    const again: Verdict = { verdict: 'release', delayMs: 1_800, error };
    expect(await handle({ Records: [message(1), message(2), message(3)] }, stageOf(acknowledged, again, acknowledged))).toStrictEqual(
      failures('m2'),
    );
    expect(released).toStrictEqual([[queueArn, ['receipt of m2'], 1_800]]);
    expect(telemetry.events).toStrictEqual([
      { level: 'error', event: 'message-failed', error, facts: { stage: 'insert-records', message: 'm2' } },
    ]);
    expect(telemetry.counts).toContainEqual({ metric: 'messages', value: 1, facts: { stage: 'insert-records', verdict: 'release' } });
  });

  test('a release that fails is said, and the message is still named', async () => {
    const away = new QueueUnavailable('away');
    ports = { ...ports, releases: () => ({ release: () => Promise.reject(away) }) };
    expect(await handle({ Records: [message(1)] }, stageOf({ verdict: 'release', delayMs: 0 }))).toStrictEqual(failures('m1'));
    expect(telemetry.events).toMatchObject([{ event: 'release-failed', error: away, facts: { message: 'm1' } }]);
  });

  test('the trouble of all is told once', async () => {
    const trouble = new QueueUnavailable('The queue is away.');
    const again: Verdict = { verdict: 'release', delayMs: 250, trouble };
    await handle({ Records: [message(1), message(2)] }, stageOf(again, again));
    expect(telemetry.events).toStrictEqual([
      { level: 'warn', event: 'trouble', facts: { stage: 'insert-records', cause: 'The queue is away.' } },
    ]);
  });

  test('a text that is none of ours is the stage’s to judge', async () => {
    await handle({ Records: [sqsRecord('m1', 'gibberish')] }, stageOf(acknowledged));
    expect(handed[0]).toMatchObject([{ id: 'm1', content: { ours: false, text: 'gibberish' } }]);
  });

  test.each([
    ['without a body', { body: undefined }, 'it has no body'],
    ['without a receipt', { receiptHandle: '' }, 'it has no receipt handle'],
    ['without its queue', { eventSourceARN: undefined }, 'it does not name its queue'],
    ['without attributes', { attributes: undefined }, 'it does not tell when it was sent, and how often received'],
  ])('a record %s fails by itself, and is told', async (_, parts, why) => {
    const event = { Records: [{ ...message(1), ...parts }, message(2)] };
    expect(await handle(event, stageOf(acknowledged))).toStrictEqual(failures('m1'));
    expect(handed[0]).toMatchObject([{ id: 'm2' }]);
    expect(telemetry.events).toMatchObject([
      {
        event: 'record-malformed',
        error: { message: `The record of the message is no message of SQS: ${why}.` },
        facts: { message: 'm1' },
      },
    ]);
  });

  test('where no record is a message the stage is not asked', async () => {
    expect(await handle({ Records: [{ ...message(1), body: 7 }] }, stageOf())).toStrictEqual(failures('m1'));
    expect(handed).toStrictEqual([]);
  });

  test.each([
    ['nothing', undefined, 'This is no event of aws:sqs: it has no list of records.'],
    ['another event', { source: 'aws.events', detail: {} }, 'This is no event of aws:sqs: it has no list of records.'],
    ['a text', 'Records', 'This is no event of aws:sqs: it has no list of records.'],
    [
      'records of another service',
      { Records: [message(1), { ...message(2), eventSource: 'aws:s3' }] },
      'This function takes records of aws:sqs, and was given one of "aws:s3".',
    ],
    ['a record without a name', { Records: [{ ...message(1), messageId: undefined }] }, 'A record of the event names no message.'],
  ])('an event that is %s fails as a whole, aloud', async (_, event, why) => {
    await expect(handle(event, stageOf())).rejects.toMatchObject({ name: 'UnknownEvent', message: why });
    expect(telemetry.events).toMatchObject([{ level: 'error', event: 'invocation-failed' }]);
    expect([handed, telemetry.flushed]).toStrictEqual([[], 1]);
  });

  test('telemetry knows the invocation, and what was counted is written at its end', async () => {
    const context = { ...lasting(60_000), awsRequestId: 'request 1' } as Context;
    await handle({ Records: [message(1)] }, stageOf(acknowledged), context);
    expect([telemetry.begun, telemetry.flushed]).toStrictEqual([[context], 1]);
  });
});

describe('the time of an invocation', () => {
  /** A stage that goes on until it is told to stop. */
  const untilStopped: Stage<Text> = {
    name: 'send-email',
    handle: (deliveries, stop) =>
      new Promise((resolve) => stop.addEventListener('abort', () => resolve(deliveries.map(() => ({ verdict: 'release', delayMs: 0 }))))),
  };

  test.each([
    [300_000, 45_000, 255_000],
    [60_000, 45_000, 30_000],
  ])('of %d ms, told to stop %d ms before the end, it stops after %d ms', async (leftMs, stopsBefore, after) => {
    let answer: unknown;
    const done = queueHandler(
      ports,
      () => untilStopped,
      stopsBefore,
    )({ Records: [message(1)] }, lasting(leftMs)).then((given) => (answer = given));
    await clock.advance(after - 1);
    expect(answer).toBeUndefined();
    await clock.advance(1);
    await done;
    expect(answer).toStrictEqual(failures('m1'));
  });

  test('the stage is made for what is left of it', async () => {
    const left: number[] = [];
    const stageFor = (invocation: { readonly leftMs: number }) => (left.push(invocation.leftMs), stageOf(acknowledged));
    await queueHandler(ports, stageFor, 0)({ Records: [message(1)] }, lasting(12_345));
    expect(left).toStrictEqual([12_345]);
    // Nobody waits for the end of an invocation that is over.
    expect(clock.nextWakeAt()).toBeUndefined();
  });
});
