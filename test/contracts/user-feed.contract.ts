import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { UserDirectory } from '../../src/ports/user-directory.ts';
import type { FeedBatch, UserFeed } from '../../src/ports/user-feed.ts';
import type { AddressKey } from '../../src/ports/vocabulary.ts';
import { batchOf, keyOf, recordOf, recordsOf } from './batches.ts';
import { CountingSignal } from './counting-signal.ts';
import { outlast, present, testsNeeding, upTo, type Lacks, type World } from './world.ts';

/** An empty directory and the feed of its inserts. */
export interface UserFeedWorld extends World {
  readonly users: UserDirectory;
  readonly feed: UserFeed;
  /** How long a batch stays open before its users come again. In milliseconds. */
  readonly leaseMs: number;
  /** The same directory and feed through a connection of its own, as another process has them. Closed with the world. */
  peer?(): Promise<{ readonly users: UserDirectory; readonly feed: UserFeed }>;
}

export type UserFeedCapability =
  /** Several connections to one feed. */
  | 'peer'
  /** Users of different calls of `store` come in the order of the calls. */
  | 'order'
  /** A batch that is let go of too late is known as such. */
  | 'lease'
  /** A depth that is exact at any moment. */
  | 'exact-depth';

/** Everything that UserFeed promises. All times are fractions of the world's `leaseMs`. */
export function userFeedContract(label: string, factory: () => Promise<UserFeedWorld>, lacks: Lacks<UserFeedCapability> = {}): void {
  const testNeeding = testsNeeding(lacks);

  describe(`${label} keeps the contract of UserFeed`, () => {
    let world: UserFeedWorld;
    let lease: number;
    beforeEach(async () => {
      world = await factory();
      lease = world.leaseMs;
    });
    afterEach(() => world.close());

    const insert = (count: number, firstRow = 1) => world.users.store([batchOf(recordsOf(count, firstRow))]);
    const receive = (limit = 100) => world.feed.receive(limit, 0);

    describe('what it tells of', () => {
      test('an empty directory feeds nobody', async () => {
        const batch = await receive();
        expect(batch.users).toStrictEqual([]);
        await world.feed.advance(batch);
        await insert(1);
        expect(keysOf(await receive())).toStrictEqual([keyOf(1)]);
      });

      test('an inserted user comes as the directory has it', async () => {
        const attributes = { city: 'Zürich', 城市: '北京' };
        await world.users.store([
          batchOf([
            recordOf(1, 'a@example.com', { address: 'A@Example.com', name: 'Zoë 李雷 🎉', attributes }),
            recordOf(2, 'b@example.com'),
          ]),
        ]);
        const { users } = await receive();
        expect(byKey(users)).toStrictEqual(await world.users.find(['a@example.com', 'b@example.com']));
      });

      test('every inserted user comes once where every batch is let go of', async () => {
        await insert(20);
        await insert(5, 21);
        expect((await drain(world.feed, 7)).sort()).toStrictEqual(upTo(25).map((n) => keyOf(n)));
        expect((await receive()).users).toStrictEqual([]);
      });

      testNeeding('order', 'those who were inserted first come first', async () => {
        const order = [3, 1, 4, 1_000, 5, 9, 2, 6];
        for (const n of order) await insert(1, n);
        expect(await drain(world.feed, 3)).toStrictEqual(order.map((n) => keyOf(n)));
      });

      test('users whose welcome is not wanted do not come', async () => {
        await world.users.store([
          batchOf(recordsOf(3), { welcome: false, importId: 'import-a' }),
          batchOf(recordsOf(3, 4), { importId: 'import-b' }),
          batchOf(recordsOf(3, 7), { welcome: false, importId: 'import-c' }),
        ]);
        expect((await drain(world.feed)).sort()).toStrictEqual([keyOf(4), keyOf(5), keyOf(6)]);
      });

      test('duplicates, updates and replays feed nobody, before and after the user was let go of', async () => {
        const repeat = async () => {
          await insert(3);
          await world.users.store([batchOf(recordsOf(3), { importId: 'import-b' })]);
          await world.users.store([batchOf(recordsOf(3), { importId: 'import-c', importedAt: 9_000, onExisting: 'update' })]);
        };
        await repeat();
        expect((await drain(world.feed)).sort()).toStrictEqual([keyOf(1), keyOf(2), keyOf(3)]);
        await repeat();
        expect((await receive()).users).toStrictEqual([]);
      });

      test('a user who was inserted without a welcome does not come when another import wants one', async () => {
        await world.users.store([batchOf(recordsOf(1), { welcome: false })]);
        await world.users.store([batchOf(recordsOf(1), { importId: 'import-b', importedAt: 9_000, onExisting: 'update' })]);
        expect((await receive()).users).toStrictEqual([]);
      });

      test('who comes can be found, also while others are being stored', async () => {
        const storing = Promise.all(upTo(10).map((n) => insert(20, n * 100)));
        const told: AddressKey[] = [];
        for (let stored = false; ;) {
          const batch = await receive(15);
          expect(byKey(await world.users.find(keysOf(batch)))).toStrictEqual(byKey(batch.users));
          told.push(...keysOf(batch));
          await world.feed.advance(batch);
          if (stored && batch.users.length === 0) break;
          if (batch.users.length === 0) stored = (await storing).length === 10;
        }
        expect([...told].sort()).toStrictEqual(upTo(10).flatMap((n) => upTo(20).map((m) => keyOf(n * 100 + m - 1))));
      });

      test('no more than the limit come at once', async () => {
        await insert(5);
        const batch = await receive(3);
        expect(batch.users).toHaveLength(3);
        await world.feed.advance(batch);
        expect((await receive(3)).users).toHaveLength(2);
      });
    });

    describe('one reader at a time', () => {
      test('while a batch is open another receive gets nobody', async () => {
        await insert(5);
        const open = await receive(2);
        expect((await receive(2)).users).toStrictEqual([]);
        await world.advance(lease / 2);
        expect((await receive(2)).users).toStrictEqual([]);
        await world.feed.advance(open);
        expect((await receive(10)).users).toHaveLength(3);
      });

      test('letting go of an empty batch frees nothing', async () => {
        await insert(5);
        await receive(2);
        await world.feed.advance(await receive(2));
        expect((await receive(2)).users).toStrictEqual([]);
      });

      test('receiving nobody holds nothing up', async () => {
        await receive();
        await insert(1);
        expect((await receive()).users).toHaveLength(1);
      });

      test('what is not let go of comes again when its time is over', async () => {
        await insert(5);
        const first = await receive(3);
        await world.advance(lease);
        const second = await receive(3);
        expect(byKey(second.users)).toStrictEqual(byKey(first.users));
        expect(second.cursor).not.toBe(first.cursor);
      });

      testNeeding('lease', 'a batch whose time is over lets go of nobody', async () => {
        await insert(3);
        const late = await receive();
        await world.advance(lease);
        await world.feed.advance(late);
        expect((await receive()).users).toHaveLength(3);
      });

      testNeeding('lease', 'a batch whose time is over does not take the users from who received them anew', async () => {
        await insert(5);
        const late = await receive(3);
        await world.advance(lease);
        await receive(3);
        await world.feed.advance(late);
        expect((await receive()).users).toStrictEqual([]);
        await world.advance(lease);
        expect((await receive()).users).toHaveLength(5);
      });

      test('letting go twice is harmless', async () => {
        await insert(5);
        const first = await receive(2);
        await world.feed.advance(first);
        const second = await receive(2);
        await world.feed.advance(first);
        expect((await receive(2)).users).toStrictEqual([]);
        await world.feed.advance(second);
        expect((await receive(2)).users).toHaveLength(1);
      });

      test('of several who receive at once one gets users', async () => {
        await insert(10);
        const batches = await Promise.all(upTo(4).map(() => receive(10)));
        expect(batches.map(({ users }) => users.length).sort((a, b) => a - b)).toStrictEqual([0, 0, 0, 10]);
      });
    });

    describe('waiting', () => {
      const long = () => lease * 10;

      test('a wait for nobody ends after its time', async () => {
        const started = world.now();
        expect((await outlast(world, world.feed.receive(1, lease), lease / 4)).users).toStrictEqual([]);
        expect(world.now() - started).toBeGreaterThanOrEqual(lease);
      });

      test('an insert in the same process wakes who waits', async () => {
        const waiting = world.feed.receive(10, long());
        await world.advance(lease / 4);
        await insert(1);
        expect(keysOf(await waiting)).toStrictEqual([keyOf(1)]);
      });

      test('who waits for an open batch goes on when it is let go of', async () => {
        await insert(5);
        const open = await receive(3);
        const started = world.now();
        const waiting = world.feed.receive(10, long());
        await world.feed.advance(open);
        expect((await outlast(world, waiting, lease / 20)).users).toHaveLength(2);
        expect(world.now() - started).toBeLessThan(lease);
      });

      test('who waits for an open batch goes on when its time is over', async () => {
        await insert(3);
        await receive();
        const started = world.now();
        const waiting = world.feed.receive(10, long());
        expect((await outlast(world, waiting, lease / 4)).users).toHaveLength(3);
        expect(world.now() - started).toBeLessThan(long());
      });

      test('an abort ends the wait with nobody', async () => {
        const stop = new AbortController();
        const waiting = world.feed.receive(10, long(), stop.signal);
        await world.advance(lease / 4);
        stop.abort();
        expect((await waiting).users).toStrictEqual([]);
        await insert(1);
        expect((await receive()).users).toHaveLength(1);
      });

      test('a wait leaves no listener on the signal', async () => {
        const signal = new CountingSignal();
        await outlast(world, world.feed.receive(1, lease, signal), lease / 4);
        expect(signal.listeners.size).toBe(0);
      });

      test('with a signal that was aborted before there is no wait', async () => {
        expect((await world.feed.receive(10, long(), AbortSignal.abort())).users).toStrictEqual([]);
      });
    });

    testNeeding('exact-depth', 'depth counts who is not let go of', async () => {
      expect(await world.feed.depth()).toBe(0);
      await insert(5);
      await world.users.store([batchOf(recordsOf(3, 10), { welcome: false })]);
      expect(await world.feed.depth()).toBe(5);
      const batch = await receive(3);
      expect(await world.feed.depth()).toBe(5);
      await world.feed.advance(batch);
      expect(await world.feed.depth()).toBe(2);
    });

    describe('several connections', () => {
      testNeeding('peer', 'one holds the feed, and what it lets go of comes to nobody', async () => {
        const peer = await present(world.peer).call(world);
        await insert(3);
        await peer.users.store([batchOf(recordsOf(2, 4))]);
        const mine = await receive(2);
        expect((await peer.feed.receive(10, 0)).users).toStrictEqual([]);
        await world.feed.advance(mine);
        const theirs = await peer.feed.receive(10, 0);
        expect((await receive()).users).toStrictEqual([]);
        await peer.feed.advance(theirs);
        expect([...keysOf(mine), ...keysOf(theirs)].sort()).toStrictEqual(upTo(5).map((n) => keyOf(n)));
        expect((await receive()).users).toStrictEqual([]);
      });

      testNeeding('peer', 'who waits finds in time whom another one inserted', async () => {
        const peer = await present(world.peer).call(world);
        const started = world.now();
        const waiting = world.feed.receive(10, lease * 10);
        await peer.users.store([batchOf(recordsOf(1))]);
        expect((await outlast(world, waiting, lease / 20)).users).toHaveLength(1);
        expect(world.now() - started).toBeLessThan(lease * 10);
      });
    });
  });
}

/** Receives and lets go until nobody is left. */
async function drain(feed: UserFeed, limit = 100): Promise<AddressKey[]> {
  const keys: AddressKey[] = [];
  for (;;) {
    const batch = await feed.receive(limit, 0);
    if (batch.users.length === 0) return keys;
    keys.push(...keysOf(batch));
    await feed.advance(batch);
  }
}

function keysOf({ users }: FeedBatch): AddressKey[] {
  return users.map(({ key }) => key);
}

function byKey<U extends { readonly key: AddressKey } | undefined>(users: readonly U[]): U[] {
  return [...users].sort((a, b) => ((a?.key ?? '') < (b?.key ?? '') ? -1 : 1));
}
