import { Bell } from '../../../src/adapters/sqlite/bell.ts';
import { SqliteUserDirectory } from '../../../src/adapters/sqlite/user-directory.ts';
import { userDirectoryContract } from '../../contracts/user-directory.contract.ts';
import { SqliteWorld, withPorts } from './world.ts';

userDirectoryContract('SqliteUserDirectory', async () => {
  const world = new SqliteWorld();
  return withPorts(world, {
    users: new SqliteUserDirectory(world.db, new Bell()),
    peek: async () => world.texts('SELECT key FROM users'),
    peer: async () => new SqliteUserDirectory(world.connect(), new Bell()),
  });
});
