import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryDeadLetters } from '../../../src/adapters/memory/dead-letters.ts';
import { MemoryQueue } from '../../../src/adapters/memory/message-queue.ts';
import { deadLettersContract } from '../../contracts/dead-letters.contract.ts';
import { noteCodec } from '../../contracts/message-queue.contract.ts';

deadLettersContract(
  'MemoryDeadLetters',
  async () => {
    const clock = new MemoryClock();
    const queue = () => new MemoryQueue(noteCodec, clock, { visibilityMs: 30_000 });
    const queues = { uploads: queue(), records: queue(), welcomes: queue() };
    return {
      deadLetters: new MemoryDeadLetters(queues),
      textsOn: async (name) => queues[name].texts(),
      now: () => clock.now(),
      advance: (ms) => clock.advance(ms),
      close: async () => undefined,
    };
  },
  { peer: 'they live in one object of one process' },
);
