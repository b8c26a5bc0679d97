import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryQueue } from '../../../src/adapters/memory/message-queue.ts';
import { textCodec, ThreadMessageQueue } from '../../../src/adapters/thread/message-queue.ts';
import type { MessageQueue } from '../../../src/ports/message-queue.ts';
import type { Delivery, MessageSource } from '../../../src/ports/message-source.ts';
import { messageQueueContract, type Note } from '../../contracts/message-queue.contract.ts';
import { ThreadWorld } from './world.ts';

messageQueueContract(
  'ThreadMessageQueue to a MemoryQueue of the other thread',
  async (codec) => {
    const clock = new MemoryClock();
    // The owner's end knows texts alone: what is sent is encoded here, and what is received is decoded here.
    const texts = new MemoryQueue(textCodec, clock, { visibilityMs: 30_000 });
    const world = new ThreadWorld({ texts });
    const sending = world.remote.port<MessageQueue<string>>('texts', ['send']);
    const receiving = world.remote.port<MessageSource<string>>('texts', ['receive', 'acknowledge', 'release', 'extend', 'depth']);
    const decoded = ({ content, ...rest }: Delivery<string>): Delivery<Note> => ({
      ...rest,
      content: codec.decode(content.ours ? content.message : content.text),
    });
    const source: MessageSource<Note> = {
      ...receiving,
      visibilityMs: 30_000,
      receive: async (...args) => (await receiving.receive(...args)).map(decoded),
    };
    return {
      queue: new ThreadMessageQueue(sending, codec),
      source,
      inject: async (text) => texts.putText(text),
      peek: async () => texts.texts(),
      now: () => clock.now(),
      advance: (ms) => clock.advance(ms),
      close: async () => world.close(),
    };
  },
  { peer: 'its queue lives in one object of one process' },
);
