import { expect, test } from '@jest/globals';
import { announceNext } from '../../src/entrypoints/stages/announce.ts';
import { QueueUnavailable } from '../../src/ports/message-queue.ts';
import { batchOf, recordsOf } from '../contracts/batches.ts';
import { faulty } from '../domain/faulty.ts';
import { MemoryWorld, visibilityMs } from '../domain/world.ts';
import { nobody, raising } from './deliveries.ts';

test('inserted users go to the welcomes queue, and the feed lets go of them', async () => {
  const world = new MemoryWorld();
  await world.users.store([batchOf(recordsOf(120))]);
  expect(await announceNext(world, nobody)).toBe(120);
  expect([world.welcomes.texts().length, await world.feed.depth()]).toStrictEqual([3, 0]);
});

test('a feed without anyone is waited for, and answers with nobody', async () => {
  const world = new MemoryWorld();
  const next = announceNext(world, nobody);
  await world.advance(20_000);
  expect(await next).toBe(0);
  expect(world.welcomes.texts()).toStrictEqual([]);
});

test('a stop ends the wait', async () => {
  expect(await announceNext(new MemoryWorld(), AbortSignal.abort())).toBe(0);
});

test('where the queue is away the users come again', async () => {
  const world = new MemoryWorld();
  await world.users.store([batchOf(recordsOf(3))]);
  const welcomes = faulty(world.welcomes, {
    before: { send: (call) => (call === 1 ? raising(new QueueUnavailable('away'))() : undefined) },
  });
  const { feed, ids, clock } = world;
  await expect(announceNext({ feed, ids, clock, welcomes }, nobody)).rejects.toThrow('away');
  expect(await feed.depth()).toBe(3);
  await world.advance(visibilityMs);
  expect(await announceNext({ feed, ids, clock, welcomes }, nobody)).toBe(3);
});
