import { expect, test } from '@jest/globals';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryQueue } from '../../../src/adapters/memory/message-queue.ts';
import { messageQueueContract, noteCodec } from '../../contracts/message-queue.contract.ts';

messageQueueContract(
  'MemoryQueue',
  async (codec) => {
    const clock = new MemoryClock();
    const queue = new MemoryQueue(codec, clock, { visibilityMs: 30_000 });
    return {
      queue,
      source: queue,
      inject: async (text) => queue.putText(text),
      peek: async () => queue.texts(),
      now: () => clock.now(),
      advance: (ms) => clock.advance(ms),
      close: async () => undefined,
    };
  },
  { peer: 'it lives in one object of one process' },
);

test('who released a message holds it no longer: an acknowledgement that comes after it loses nothing', async () => {
  const clock = new MemoryClock();
  const queue = new MemoryQueue(noteCodec, clock, { visibilityMs: 30_000 });
  await queue.send([{ body: { n: 1, text: 'again' } }]);
  const receipts = (await queue.receive(1, 0)).map(({ receipt }) => receipt);
  await queue.release(receipts, 5_000);
  await queue.acknowledge(receipts);
  expect(await queue.depth()).toStrictEqual({ ready: 0, inFlight: 0, delayed: 1 });
  await clock.advance(5_000);
  expect(await queue.receive(1, 0)).toHaveLength(1);
});
