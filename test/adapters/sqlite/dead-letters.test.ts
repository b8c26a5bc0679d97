import { Bell } from '../../../src/adapters/sqlite/bell.ts';
import { SqliteDeadLetters } from '../../../src/adapters/sqlite/dead-letters.ts';
import { deadLettersContract } from '../../contracts/dead-letters.contract.ts';
import { SqliteWorld, withPorts } from './world.ts';

deadLettersContract('SqliteDeadLetters', async () => {
  const world = new SqliteWorld();
  return withPorts(world, {
    deadLetters: new SqliteDeadLetters(world.db, world.clock, new Bell()),
    textsOn: async (queue: string) =>
      world.texts('SELECT text FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY id', queue, world.now()),
    peer: async () => new SqliteDeadLetters(world.connect(), world.clock, new Bell()),
  });
});
