import { expect, test } from '@jest/globals';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { clockContract } from '../../contracts/clock.contract.ts';

clockContract('MemoryClock', async () => {
  const clock = new MemoryClock();
  return { clock, now: () => clock.now(), advance: (ms) => clock.advance(ms), close: async () => undefined };
});

test('time stands still unless it is advanced', async () => {
  const clock = new MemoryClock(5_000);
  expect(clock.now()).toBe(5_000);
  await clock.advance(0);
  expect(clock.now()).toBe(5_000);
  await clock.advance(250);
  expect(clock.now()).toBe(5_250);
});

test('sleepers wake in the order of time, each at its own instant, and those of one instant in the order of falling asleep', async () => {
  const clock = new MemoryClock(0);
  const woken: string[] = [];
  const sleep = async (name: string, ms: number) => {
    await clock.sleep(ms);
    woken.push(`${name} at ${clock.now()}`);
  };
  const sleeps = [sleep('a', 30), sleep('b', 10), sleep('c', 30), sleep('d', 31)];
  await clock.advance(30);
  expect(woken).toStrictEqual(['b at 10', 'a at 30', 'c at 30']);
  await clock.advance(1);
  expect(woken.at(-1)).toBe('d at 31');
  await Promise.all(sleeps);
});

test('who sleeps again while time passes wakes again within it', async () => {
  const clock = new MemoryClock(0);
  const woken: number[] = [];
  const looping = (async () => {
    while (woken.length < 5) {
      await clock.sleep(10);
      // What is done between two sleeps may take any number of steps.
      for (let step = 0; step < 100; step += 1) await Promise.resolve();
      woken.push(clock.now());
    }
  })();
  await clock.advance(45);
  expect(woken).toStrictEqual([10, 20, 30, 40]);
  await clock.advance(5);
  await looping;
});

test('it tells when the next sleeper wakes', async () => {
  const clock = new MemoryClock(0);
  const stop = new AbortController();
  expect(clock.nextWakeAt()).toBeUndefined();
  const sleeps = [clock.sleep(50), clock.sleep(20, stop.signal), clock.sleep(0)];
  expect(clock.nextWakeAt()).toBe(20);
  stop.abort();
  expect(clock.nextWakeAt()).toBe(50);
  await clock.advance(50);
  expect(clock.nextWakeAt()).toBeUndefined();
  await Promise.all(sleeps);
});
