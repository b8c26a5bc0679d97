import { Bell } from '../../../src/adapters/sqlite/bell.ts';
import type { SqliteDatabase } from '../../../src/adapters/sqlite/database.ts';
import { SqliteUserDirectory } from '../../../src/adapters/sqlite/user-directory.ts';
import { SqliteUserFeed } from '../../../src/adapters/sqlite/user-feed.ts';
import { userFeedContract } from '../../contracts/user-feed.contract.ts';
import { SqliteWorld, withPorts } from './world.ts';

userFeedContract('SqliteUserFeed', async () => {
  const world = new SqliteWorld();
  const leaseMs = 60_000;
  const portsOn = (db: SqliteDatabase) => {
    const fed = new Bell();
    return { users: new SqliteUserDirectory(db, fed), feed: new SqliteUserFeed(db, world.clock, world.ids, fed, { leaseMs, lookMs: 100 }) };
  };
  return withPorts(world, { ...portsOn(world.db), leaseMs, peer: async () => portsOn(world.connect()) });
});
