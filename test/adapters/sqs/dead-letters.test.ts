import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ReceiveMessageCommand, SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { randomBytes } from 'node:crypto';
import { SqsDeadLetters } from '../../../src/adapters/sqs/dead-letters.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import type { DeadLetter } from '../../../src/ports/dead-letters.ts';
import { QueueUnavailable } from '../../../src/ports/message-queue.ts';
import type { QueueName } from '../../../src/ports/vocabulary.ts';
import { deadLettersContract } from '../../contracts/dead-letters.contract.ts';
import { present, upTo } from '../../contracts/world.ts';
import { AwsEmulator } from '../../emulators/aws.ts';

// A thousand letters are some hundred requests.
jest.setTimeout(60_000);

let emulator: AwsEmulator;
beforeAll(async () => {
  emulator = await AwsEmulator.start();
});
afterAll(() => emulator.close());

const names: readonly QueueName[] = ['uploads', 'records', 'welcomes'];
const made = () => Object.fromEntries(names.map((name) => [name, emulator.createQueue()])) as Record<QueueName, string>;

function world() {
  const queues = made();
  const deadLetters = made();
  const client = new SQSClient(emulator.settings);
  const open = () => new SqsDeadLetters(client, new SystemClock(), { deadLetters, queues, listenSeconds: 0 });
  return { queues, dead: deadLetters, client, open, deadLetters: open() };
}

deadLettersContract('SqsDeadLetters', async () => {
  const { queues, client, open, deadLetters } = world();
  return {
    deadLetters,
    now: () => Date.now(),
    advance: () => Promise.reject(new Error('dead letters know no time')),
    textsOn: async (queue) => emulator.textsOn(queues[queue], 'ready'),
    peer: async () => open(),
    close: async () => client.destroy(),
  };
});

describe('SqsDeadLetters', () => {
  let it: ReturnType<typeof world>;
  beforeEach(() => {
    emulator.forget();
    it = world();
  });
  afterEach(() => it.client.destroy());

  const letter = (parts: Partial<DeadLetter> = {}): DeadLetter => ({
    ...{ id: 'letter-1', queue: 'records', text: 'text', code: 'mail-refused', cause: 'It was refused.', at: 1_700_000_000_000 },
    ...parts,
  });
  const list = () => it.deadLetters.list({}, 100);
  const received = async (url: string) => {
    const answer = await it.client.send(new ReceiveMessageCommand({ QueueUrl: url, MessageAttributeNames: ['All'], VisibilityTimeout: 0 }));
    return present(answer.Messages?.[0]);
  };

  test('a letter lies in the dead-letter queue of its queue as its text, with all that is known of it in attributes', async () => {
    await it.deadLetters.put([letter({ importId: 'import-1' })]);
    const { Body, MessageAttributes = {} } = await received(it.dead.records);
    const values = Object.entries(MessageAttributes).map(([name, { DataType, StringValue }]) => [name, DataType, StringValue]);
    expect(Body).toBe('text');
    expect(values.sort()).toStrictEqual([
      ['rollcall-at', 'Number', '1700000000000'],
      ['rollcall-cause', 'String', 'It was refused.'],
      ['rollcall-code', 'String', 'mail-refused'],
      ['rollcall-id', 'String', 'letter-1'],
      ['rollcall-import', 'String', 'import-1'],
    ]);
  });

  test('a message that SQS moved there itself is told as such, and can be sent back', async () => {
    const sent = await it.client.send(new SendMessageCommand({ QueueUrl: it.dead.records, MessageBody: 'of a process that died' }));
    const [found] = await list();
    expect(found).toStrictEqual({
      id: sent.MessageId,
      queue: 'records',
      text: 'of a process that died',
      code: 'received-too-often',
      cause: expect.stringContaining('insert-records'),
      at: expect.any(Number),
    });
    expect(await it.deadLetters.redrive([present(sent.MessageId)])).toBe(1);
    expect(emulator.textsOn(it.queues.records)).toStrictEqual(['of a process that died']);
    expect(emulator.textsOn(it.dead.records)).toStrictEqual([]);
  });

  test('a long cause is cut, and says so; odd characters in it are replaced', async () => {
    await it.deadLetters.put([letter({ cause: `\u0000${'💥'.repeat(3_000)}` }), letter({ id: 'letter-2', cause: '' })]);
    const causes = (await list()).map(({ cause }) => cause);
    expect(causes).toStrictEqual([`\ufffd${'💥'.repeat(1_999)}… (cut)`, '']);
  });

  test('a text that fills a message to the last byte is kept with its attributes, and goes back as it was', async () => {
    const text = 'a,b;'.repeat(262_144);
    await it.deadLetters.put([letter({ text })]);
    expect((await list())[0]?.text === text).toBe(true);
    expect(await it.deadLetters.redrive(['letter-1'])).toBe(1);
    expect(emulator.textsOn(it.queues.records)[0] === text).toBe(true);
  });

  test('a text of characters that SQS does not take is kept as it was', async () => {
    await it.deadLetters.put([letter({ text: 'a\u0000b\uffff' })]);
    expect((await list())[0]?.text).toBe('a\u0000b\uffff');
  });

  test('a text that fits into no message raises, and says so: its message stays where it is', async () => {
    const text = randomBytes(1_200_000).toString('latin1');
    await expect(it.deadLetters.put([letter({ text })])).rejects.toThrow(
      /1 of 1 dead letters of the records queue could not be kept: .*1 MiB/,
    );
  });

  test('letters that are looked at are there for others at once', async () => {
    await it.deadLetters.put(upTo(25).map((n) => letter({ id: `letter-${n}`, text: `text ${n}` })));
    expect(await it.deadLetters.count({ queue: 'records' })).toBe(25);
    expect(emulator.textsOn(it.dead.records, 'ready')).toHaveLength(25);
  });

  test('looks at once do not hide letters from one another', async () => {
    await it.deadLetters.put(upTo(25).map((n) => letter({ id: `letter-${n}` })));
    const answers = await Promise.all([it.deadLetters.count({}), list(), it.deadLetters.count({})]);
    expect([answers[0], answers[1].length, answers[2]]).toStrictEqual([25, 25, 25]);
  });

  test('a page that follows a letter found by another process begins behind it', async () => {
    await it.deadLetters.put(upTo(5).map((n) => letter({ id: `letter-${n}`, at: n })));
    expect((await it.open().list({}, 2, 'letter-2')).map(({ at }) => at)).toStrictEqual([3, 4]);
    expect((await it.open().list({}, 2, 'gone')).map(({ at }) => at)).toStrictEqual([1, 2]);
  });

  test('what can be sent later is sent again; what cannot be kept is told', async () => {
    emulator.failNext('SendMessageBatch', { status: 400, code: 'RequestThrottled' });
    await expect(it.deadLetters.put([letter()])).rejects.toThrow(QueueUnavailable);
    emulator.failNext('SendMessageBatch', { status: 400, code: 'RequestThrottled' });
    const letters = upTo(12).map((n) => letter({ id: `letter-${n}` }));
    await it.deadLetters.put(letters);
    expect(await it.deadLetters.count({})).toBe(12);
  });

  test('a letter that was sent back and could not be deleted stays: its message comes twice rather than not at all', async () => {
    await it.deadLetters.put([letter()]);
    emulator.failNext('DeleteMessageBatch', { status: 500, code: 'InternalError' });
    await expect(it.deadLetters.redrive(['letter-1'])).rejects.toThrow(QueueUnavailable);
    expect(emulator.textsOn(it.queues.records)).toStrictEqual(['text']);
    expect(await list()).toHaveLength(1);
  });

  test('a letter whose queue does not take it stays, and the others go back', async () => {
    const refused = letter({ id: 'refused', text: '' });
    await it.deadLetters.put([refused, letter({ id: 'fine' })]);
    await expect(it.deadLetters.redrive(['refused', 'fine'])).rejects.toThrow(
      '1 dead letters could not be sent back and stay, 1 were sent: It is empty, and SQS takes no empty message.',
    );
    expect(emulator.textsOn(it.queues.records)).toStrictEqual(['text']);
    expect(await list()).toStrictEqual([refused]);
  });

  test('of several copies of a letter one is sent back, and all are gone', async () => {
    await it.deadLetters.put([letter({ at: 1 })]);
    await it.deadLetters.put([letter({ at: 2 })]);
    expect(emulator.textsOn(it.dead.records)).toHaveLength(2);
    expect(await it.deadLetters.redrive(['letter-1'])).toBe(1);
    expect(emulator.textsOn(it.dead.records)).toStrictEqual([]);
    expect(emulator.textsOn(it.queues.records)).toStrictEqual(['text']);
  });

  test('who was not told of a queue says so', async () => {
    const { records } = it.dead;
    const alone = new SqsDeadLetters(it.client, new SystemClock(), { deadLetters: { records }, queues: {}, listenSeconds: 0 });
    await alone.put([letter()]);
    await expect(alone.put([letter({ queue: 'welcomes' })])).rejects.toThrow(
      'This process was not told where dead letters of the welcomes queue go.',
    );
    await expect(alone.redrive(['letter-1'])).rejects.toThrow('This process was not told where messages of the records queue go.');
    expect(await alone.count({})).toBe(1);
  });
});
