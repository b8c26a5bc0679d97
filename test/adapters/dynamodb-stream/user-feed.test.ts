import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { describe, expect, test } from '@jest/globals';
import { DynamoUserDirectory } from '../../../src/adapters/dynamodb/user-directory.ts';
import { userOf } from '../../../src/adapters/dynamodb/user-item.ts';
import { DynamoStreamUserFeed } from '../../../src/adapters/dynamodb-stream/user-feed.ts';
import { MemoryTelemetry } from '../../../src/adapters/memory/telemetry.ts';
import { batchOf, recordsOf } from '../../contracts/batches.ts';
import { userFeedContract } from '../../contracts/user-feed.contract.ts';
import { onDynamoDBLocal, type DynamoDBLocal } from '../dynamodb/local.ts';
import { DynamoWorld } from '../dynamodb/world.ts';
import { IdleClock } from './idle-clock.ts';

const leaseMs = 60_000;

onDynamoDBLocal((local) => {
  userFeedContract('DynamoStreamUserFeed', () => worldOn(local()), {
    order: 'a stream has several shards, and they are read side by side',
    'exact-depth': 'a stream tells neither its length nor its end',
  });

  describe('the feed of a stream', () => {
    test('depth counts whom it finds from the kept place on', async () => {
      const world = await worldOn(local());
      await world.users.store([batchOf(recordsOf(5)), batchOf(recordsOf(3, 10), { welcome: false, importId: 'import-b' })]);
      expect(await world.feed.depth()).toBe(5);
      const batch = await world.feed.receive(3, 0);
      expect(await world.feed.depth()).toBe(5);
      await world.feed.advance(batch);
      expect(await world.feed.depth()).toBe(5 - batch.users.length);
      await world.close();
    });

    test('a place in the stream of a table that was made anew is no place in the new one', async () => {
      const world = await worldOn(local());
      await world.users.store([batchOf(recordsOf(2))]);
      await world.feed.advance(await world.feed.receive(10, 0));
      await world.remake();
      await world.users.store([batchOf(recordsOf(2, 3))]);
      const peer = await world.peer();
      expect((await peer.feed.receive(10, 0)).users.map(({ origin }) => origin.row).sort()).toStrictEqual([3, 4]);
      await world.close();
    });
  });
});

/** Tables, a directory and a feed over the stream of its users. */
async function worldOn(local: DynamoDBLocal) {
  const clock = new IdleClock();
  const world = await DynamoWorld.of(local, 'users', 'imports');
  const streams: DynamoDBStreamsClient[] = [];
  const portsOn = () => {
    const db = world.connect();
    const client = new DynamoDBStreamsClient(local.settings);
    streams.push(client);
    db.client.middlewareStack.add((next) => (args) => clock.during(() => next(args)), { step: 'initialize' });
    client.middlewareStack.add((next) => (args) => clock.during(() => next(args)), { step: 'initialize' });
    const ports = { clock, ids: world.ids, telemetry: new MemoryTelemetry(), userOf };
    const options = { users: world.names.users, imports: world.names.imports, leaseMs, lookMs: 1_000 };
    return {
      users: new DynamoUserDirectory(db, world.names.users),
      feed: new DynamoStreamUserFeed({ tables: db.client, streams: client }, ports, options),
    };
  };
  return {
    ...portsOn(),
    leaseMs,
    peer: async () => portsOn(),
    now: () => clock.now(),
    advance: (ms: number) => clock.advance(ms),
    remake: () => world.remake('users'),
    close: async () => {
      clock.stop();
      for (const client of streams) client.destroy();
      await world.close();
    },
  };
}
