import { Bell } from '../../../src/adapters/sqlite/bell.ts';
import type { SqliteDatabase } from '../../../src/adapters/sqlite/database.ts';
import { SqliteMessageQueue } from '../../../src/adapters/sqlite/message-queue.ts';
import { messageQueueContract } from '../../contracts/message-queue.contract.ts';
import { SqliteWorld, withPorts } from './world.ts';

messageQueueContract('SqliteMessageQueue', async (codec) => {
  const world = new SqliteWorld();
  const queueOn = (db: SqliteDatabase) =>
    new SqliteMessageQueue(db, 'welcomes', codec, world.clock, new Bell(), { visibilityMs: 30_000, lookMs: 100 });
  const queue = queueOn(world.db);
  return withPorts(world, {
    queue,
    source: queue,
    inject: async (text: string) =>
      world.write(
        'INSERT INTO messages (queue, visible_at, sent_at, text) VALUES (?, ?, ?, ?)',
        'welcomes',
        world.now(),
        world.now(),
        text,
      ),
    peek: async () => world.texts('SELECT text FROM messages WHERE queue = ?', 'welcomes'),
    peer: async () => {
      const peer = queueOn(world.connect());
      return { queue: peer, source: peer };
    },
  });
});
