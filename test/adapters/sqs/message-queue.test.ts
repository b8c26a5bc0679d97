import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { SqsMessageQueue } from '../../../src/adapters/sqs/message-queue.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { QueueUnavailable, type Outgoing } from '../../../src/ports/message-queue.ts';
import { messageQueueContract, noteCodec, type Note } from '../../contracts/message-queue.contract.ts';
import { upTo } from '../../contracts/world.ts';
import { AwsEmulator } from '../../emulators/aws.ts';
import { CountedClient, OwnTime } from './world.ts';

// A thousand messages are some hundred requests.
jest.setTimeout(60_000);

let emulator: AwsEmulator;
beforeAll(async () => {
  emulator = await AwsEmulator.start();
});
afterAll(() => emulator.close());

messageQueueContract(
  'SqsMessageQueue',
  async (codec) => {
    const mine = new CountedClient(emulator);
    const theirs = new CountedClient(emulator);
    const time = new OwnTime(emulator, [mine, theirs]);
    const url = emulator.createQueue();
    const open = ({ client }: CountedClient) => new SqsMessageQueue(client, codec, new SystemClock(), { url, visibilityMs: 4_000 });
    const queue = open(mine);
    const peer = open(theirs);
    return {
      queue,
      source: queue,
      now: () => Date.now(),
      advance: (ms) => time.advance(ms),
      inject: async (text) => {
        await mine.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: text }));
      },
      peek: async () => emulator.textsOn(url),
      peer: async () => ({ queue: peer, source: peer }),
      close: async () => {
        time.end();
        mine.client.destroy();
        theirs.client.destroy();
      },
    };
  },
  {
    'exact-depth': 'SQS counts approximately',
    'expiring-receipts': 'SQS goes by a receipt until the message is received anew',
    'empty-texts': 'SQS takes no empty message',
  },
);

describe('SqsMessageQueue', () => {
  let client: SQSClient;
  let url: string;
  let queue: SqsMessageQueue<Note>;
  /** The waits that the adapter asked for between its tries, in milliseconds. */
  let waits: number[];
  beforeEach(() => {
    emulator.forget();
    client = new SQSClient(emulator.settings);
    url = emulator.createQueue();
    waits = [];
    const clock: Clock = { now: () => Date.now(), sleep: async (ms) => void waits.push(ms) };
    queue = new SqsMessageQueue(client, noteCodec, clock, { url, visibilityMs: 30_000 });
  });
  afterEach(() => client.destroy());

  const noteOf = (n: number, bytes = 0): Outgoing<Note> => ({ body: { n, text: 'x'.repeat(Math.max(0, bytes - 17)) } });
  const send = (count: number) => queue.send(upTo(count).map((n) => noteOf(n)));

  test('ten messages go in one request, and so do large ones up to 1 MiB together', async () => {
    expect(await send(25)).toStrictEqual([]);
    expect(emulator.count('SendMessageBatch')).toBe(3);
    emulator.forget();
    const sizes = [600_000, 300_000, 500_000, 100_000, 400_000, 40_000];
    expect(await queue.send(sizes.map((size, n) => noteOf(n, size)))).toStrictEqual([]);
    expect(emulator.count('SendMessageBatch')).toBe(2);
    expect(emulator.textsOn(url)).toHaveLength(31);
  });

  test('a message of 1 MiB is sent, a longer one is named with its size, and the others go', async () => {
    const most = 1_048_576;
    const unsent = await queue.send([noteOf(1), noteOf(2, most + 1), noteOf(3, most)]);
    expect(unsent).toStrictEqual([
      { index: 1, cause: 'It is 1048577 bytes long, and SQS takes no message of more than 1048576 bytes (1 MiB).', retryable: false },
    ]);
    expect(
      emulator
        .textsOn(url)
        .map((text) => text.length)
        .sort((a, b) => a - b),
    ).toStrictEqual([17, most]);
  });

  test('what SQS takes in no message is named before it is sent', async () => {
    const texts = new SqsMessageQueue(client, { ...noteCodec, encode: ({ text }) => text }, new SystemClock(), {
      url,
      visibilityMs: 30_000,
    });
    const unsent = await texts.send(['', 'a\u0000', 'fine', '\ufffe', '🎉'].map((text, n) => ({ body: { n, text } })));
    expect(unsent).toStrictEqual([
      { index: 0, cause: 'It is empty, and SQS takes no empty message.', retryable: false },
      { index: 1, cause: 'It holds a character that SQS takes in no message.', retryable: false },
      { index: 3, cause: 'It holds a character that SQS takes in no message.', retryable: false },
    ]);
    expect([...emulator.textsOn(url)].sort()).toStrictEqual(['fine', '🎉']);
  });

  test('what SQS names as failed is named: a fault of the sender for good, any other to be sent again', async () => {
    const failed = [
      { Id: '1', SenderFault: false, Code: 'InternalError', Message: 'try later' },
      { Id: '2', SenderFault: true, Code: 'InvalidMessageContents', Message: 'not so' },
    ];
    answering(client, 'SendMessageBatchCommand', () => ({ Successful: [{ Id: '0' }], Failed: failed }));
    expect(await queue.send([noteOf(0), noteOf(1), noteOf(2), noteOf(3)])).toStrictEqual([
      { index: 1, cause: 'SQS answered InternalError: try later', retryable: true },
      { index: 2, cause: 'SQS answered InvalidMessageContents: not so', retryable: false },
      { index: 3, cause: 'SQS did not say that it took it.', retryable: true },
    ]);
  });

  test('of several requests the messages of a throttled one are named, to be sent again', async () => {
    emulator.failNext('SendMessageBatch', { status: 400, code: 'RequestThrottled', message: 'slowly' });
    const unsent = await send(25);
    expect(unsent.length === 10 || unsent.length === 5).toBe(true);
    expect(unsent.every(({ retryable, cause }) => retryable && cause === 'SQS answered RequestThrottled: slowly')).toBe(true);
    expect(emulator.textsOn(url)).toHaveLength(25 - unsent.length);
  });

  test('where it cannot be told what was sent, the send raises', async () => {
    emulator.failNext('SendMessageBatch', { status: 500, code: 'InternalError' });
    await expect(send(25)).rejects.toThrow(QueueUnavailable);
  });

  test('a delay is whole seconds, rounded up, and no longer than 15 minutes', async () => {
    const delays: unknown[] = [];
    answering(client, 'SendMessageBatchCommand', ({ Entries }) => {
      delays.push(...(Entries as { DelaySeconds: number }[]).map(({ DelaySeconds }) => DelaySeconds));
      return { Successful: [{ Id: '0' }, { Id: '1' }, { Id: '2' }] };
    });
    await queue.send([{ ...noteOf(0), delayMs: 1 }, { ...noteOf(1), delayMs: 900_001 }, noteOf(2)]);
    expect(delays).toStrictEqual([1, 900, 0]);
  });

  test('more than ten are received by several requests, and an empty queue is asked once', async () => {
    await send(45);
    expect(await queue.receive(35, 0)).toHaveLength(35);
    expect(emulator.count('ReceiveMessage')).toBe(4);
    await queue.receive(35, 0);
    emulator.forget();
    expect(await queue.receive(35, 0)).toStrictEqual([]);
    expect(emulator.count('ReceiveMessage')).toBe(1);
  });

  test('what was received is handed out also where a further request fails', async () => {
    await send(25);
    emulator.fail(({ what }) =>
      what === 'ReceiveMessage' && emulator.count('ReceiveMessage') === 2 ? { status: 500, code: 'InternalError' } : undefined,
    );
    expect((await queue.receive(30, 0)).length).toBeGreaterThanOrEqual(10);
  });

  test('receipts go ten a request', async () => {
    await send(20);
    const receipts = (await queue.receive(20, 0)).map(({ receipt }) => receipt);
    await queue.extend(receipts);
    await queue.acknowledge(receipts);
    expect([emulator.count('ChangeMessageVisibilityBatch'), emulator.count('DeleteMessageBatch')]).toStrictEqual([2, 2]);
    expect(emulator.textsOn(url)).toStrictEqual([]);
  });

  test('receipts that SQS fails with are tried again, those that are spent are not', async () => {
    const asked: string[][] = [];
    answering(client, 'DeleteMessageBatchCommand', ({ Entries }) => {
      const receipts = (Entries as { ReceiptHandle: string }[]).map(({ ReceiptHandle }) => ReceiptHandle);
      asked.push(receipts);
      const codes: Record<string, string> = { spent: 'ReceiptHandleIsInvalid', late: 'InvalidParameterValue', slow: 'InternalError' };
      const failing = asked.length < 3 ? receipts : receipts.filter((receipt) => receipt !== 'slow');
      return {
        Failed: failing.flatMap((receipt) =>
          codes[receipt] === undefined ? [] : [{ Id: String(receipts.indexOf(receipt)), SenderFault: true, Code: codes[receipt] }],
        ),
      };
    });
    await queue.acknowledge(['spent', 'fine', 'slow', 'late']);
    expect(asked).toStrictEqual([['spent', 'fine', 'slow', 'late'], ['slow'], ['slow']]);
    expect(waits).toStrictEqual([100, 200]);
  });

  test('receipts that SQS fails with for good raise, and say which permission there should be', async () => {
    answering(client, 'ChangeMessageVisibilityBatchCommand', () => ({
      Failed: [{ Id: '0', SenderFault: true, Code: 'AccessDenied', Message: 'no' }],
    }));
    await expect(queue.release(['a', 'b'], 0)).rejects.toMatchObject({
      code: 'queue-unavailable',
      message: `The queue ${url} failed with 1 of 2 messages: SQS answered AccessDenied: no`,
      hint: expect.stringContaining('sqs:ChangeMessageVisibility'),
    });
  });

  test('a release is never so long that SQS would refuse it: 12 hours after the message was received', async () => {
    const heldFor = 15 * 60;
    const asked: number[] = [];
    answering(client, 'ChangeMessageVisibilityBatchCommand', ({ Entries }) => {
      asked.push(...(Entries as { VisibilityTimeout: number }[]).map(({ VisibilityTimeout }) => VisibilityTimeout));
      return {};
    });
    await queue.release(['a'], 100 * 3_600_000);
    expect(asked).toStrictEqual([41_400]);
    expect(asked[0]! + heldFor).toBeLessThan(43_200);
  });

  test('an empty answer before its time is not the last', async () => {
    const answers = [{}, {}, { Messages: [{ MessageId: 'm', ReceiptHandle: 'r', Body: noteCodec.encode({ n: 1, text: '' }) }] }];
    answering(client, 'ReceiveMessageCommand', () => answers.shift() ?? {});
    expect(await queue.receive(1, 60_000)).toHaveLength(1);
  });

  test.each([
    [{ status: 403, code: 'AccessDenied' }, 'may not be used', 'sqs:GetQueueAttributes'],
    [{ status: 400, code: 'KmsAccessDenied' }, 'cannot use its KMS key', 'kms:Decrypt'],
    [{ status: 400, code: 'QueueDoesNotExist' }, 'does not exist', 'URL'],
    [{ status: 400, code: 'RequestThrottled' }, 'asks for patience', 'quota'],
    [{ status: 403, code: 'InvalidClientTokenId' }, 'does not know who asks', 'credentials'],
    [{ status: 500, code: 'InternalError' }, 'has a failure', 'outages'],
    [{ status: 400, code: 'UnsupportedOperation' }, 'refused the request', 'SQS'],
    ['hang up' as const, 'did not answer', 'network'],
  ])('%j is told as a fact, with what to do', async (fault, what, hint) => {
    emulator.failNext('GetQueueAttributes', fault);
    await expect(queue.depth()).rejects.toMatchObject({
      name: 'QueueUnavailable',
      retryable: true,
      message: expect.stringContaining(`The queue ${url} ${what}`),
      hint: expect.stringContaining(hint),
      cause: expect.any(Error),
    });
  });

  test('a queue that nobody can reach is told as such', async () => {
    const nowhere = new SQSClient({ ...emulator.settings, endpoint: 'http://127.0.0.1:1' });
    const away = new SqsMessageQueue(nowhere, noteCodec, new SystemClock(), { url, visibilityMs: 30_000 });
    await expect(away.receive(1, 0)).rejects.toThrow(`The queue ${url} did not answer`);
    nowhere.destroy();
  });

  test('a defect is no failure of SQS', async () => {
    answering(client, 'GetQueueAttributesCommand', () => {
      throw new TypeError('a defect');
    });
    await expect(queue.depth()).rejects.toThrow(new TypeError('a defect'));
  });
});

/** Answers commands of a kind instead of SQS. */
function answering(client: SQSClient, command: string, answer: (input: Record<string, unknown>) => object): void {
  client.middlewareStack.add(
    (next, context) => async (args) =>
      context.commandName === command
        ? { output: { $metadata: {}, ...answer(args.input as Record<string, unknown>) } as never, response: {} }
        : next(args),
    { step: 'initialize' },
  );
}
