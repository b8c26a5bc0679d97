import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryQueue } from '../../../src/adapters/memory/message-queue.ts';
import { messageQueueContract } from '../../contracts/message-queue.contract.ts';

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
