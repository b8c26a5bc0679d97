import { describe, expect, test } from '@jest/globals';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { sendAll } from '../../src/domain/send-all.ts';
import { QueueUnavailable, type MessageQueue, type Outgoing, type Unsent } from '../../src/ports/message-queue.ts';

const throttled = (index: number, retryable = true, cause = `throttled ${index}`): Unsent => ({ index, cause, retryable });

/** Sends the letters over a queue that answers as it is told, while time passes; answers what the queue was sent, and when. */
async function sending(letters: string, answers: readonly (readonly Unsent[])[], delayMs?: number) {
  const clock = new MemoryClock(0);
  const calls: { readonly at: number; readonly sent: string }[] = [];
  const outgoing: Outgoing<string>[] = [];
  const queue: MessageQueue<string> = {
    send: (messages) => {
      calls.push({ at: clock.now(), sent: messages.map(({ body }) => body).join('') });
      outgoing.push(...messages);
      return Promise.resolve(answers[calls.length - 1] ?? []);
    },
  };
  const done = sendAll(
    { clock },
    queue,
    letters.split('').map((body) => ({ body, ...(delayMs !== undefined && { delayMs }) })),
  );
  const error = done.then(
    () => undefined,
    (raised: unknown) => raised,
  );
  await clock.advance(60_000);
  return { calls, outgoing, error: await error };
}

describe('sendAll', () => {
  test('nothing to send is no call', async () => {
    expect(await sending('', [])).toMatchObject({ calls: [], error: undefined });
  });

  test('all at once', async () => {
    expect(await sending('abc', [], 500)).toMatchObject({ calls: [{ at: 0, sent: 'abc' }], error: undefined });
    expect((await sending('a', [], 500)).outgoing).toStrictEqual([{ body: 'a', delayMs: 500 }]);
  });

  test('what was not sent is sent again, after waits that double', async () => {
    const answers = [[throttled(1), throttled(3)], [throttled(1)], [throttled(0)], [throttled(0)], []];
    expect(await sending('abcd', answers)).toMatchObject({
      calls: [
        { at: 0, sent: 'abcd' },
        { at: 200, sent: 'bd' },
        { at: 600, sent: 'd' },
        { at: 1_400, sent: 'd' },
        { at: 3_000, sent: 'd' },
      ],
      error: undefined,
    });
  });

  test('after five times it gives up', async () => {
    const answers = [[throttled(0), throttled(1)], ...Array.from({ length: 9 }, () => [throttled(0), throttled(1)])];
    const { calls, error } = await sending('abc', answers);
    expect(calls).toHaveLength(5);
    expect(error).toStrictEqual(new QueueUnavailable('2 of 3 messages could not be sent: throttled 0'));
    expect(error).toBeInstanceOf(QueueUnavailable);
  });

  test('what no repetition can mend ends it at once', async () => {
    const { calls, error } = await sending('abc', [[throttled(0), throttled(2, false, 'too large')]]);
    expect(calls).toHaveLength(1);
    expect(error).toStrictEqual(new QueueUnavailable('2 of 3 messages could not be sent: too large'));
  });

  test('what the queue raises is raised', async () => {
    const queue: MessageQueue<string> = { send: () => Promise.reject(new QueueUnavailable('away')) };
    await expect(sendAll({ clock: new MemoryClock() }, queue, [{ body: 'a' }])).rejects.toThrow('away');
  });
});
