import { describe, expect, test } from '@jest/globals';
import { Bell } from '../../../src/adapters/sqlite/bell.ts';
import { SqliteUserDirectory } from '../../../src/adapters/sqlite/user-directory.ts';
import { batchOf, recordsOf } from '../../contracts/batches.ts';
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

describe('the log of SqliteUserDirectory', () => {
  test('is long where many users come at once, and short where they come by a few', async () => {
    const world = new SqliteWorld();
    try {
      const users = new SqliteUserDirectory(world.db, new Bell());
      const length = (): unknown => world.db.statement('PRAGMA wal_autocheckpoint').pluck().get();
      const long = length();
      let row = 1;
      const store = async (count: number): Promise<void> => {
        await users.store([batchOf(recordsOf(count, row))]);
        row += count;
      };
      // The end of a file is a small batch, too.
      for (let turn = 0; turn < 15; turn++) await store(10);
      expect(length()).toBe(long);
      await store(10);
      expect(length()).toBeLessThan((long as number) / 10);
      await store(1_000);
      expect(length()).toBe(long);
      await store(10);
      expect(length()).toBe(long);
    } finally {
      await world.close();
    }
  });
});
