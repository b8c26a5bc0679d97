import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '../../src/ports/clock.ts';
import { CountingSignal } from './counting-signal.ts';
import { outlast, type World } from './world.ts';

export interface ClockWorld extends World {
  readonly clock: Clock;
}

/** Everything that Clock promises. No wait is longer than 60 milliseconds where it is not cut short. */
export function clockContract(label: string, factory: () => Promise<ClockWorld>): void {
  describe(`${label} keeps the contract of Clock`, () => {
    let world: ClockWorld;
    beforeEach(async () => {
      world = await factory();
    });
    afterEach(() => world.close());
    const hour = 3_600_000;

    test('now is in milliseconds and follows time', async () => {
      const before = world.clock.now();
      await world.advance(50);
      // A timer may fire up to a millisecond early by the clock on the wall.
      expect(world.clock.now() - before).toBeGreaterThanOrEqual(49);
    });

    test('a sleep ends after its time, and not before', async () => {
      const started = world.clock.now();
      await outlast(world, world.clock.sleep(60), 10);
      expect(world.clock.now() - started).toBeGreaterThanOrEqual(59);
    });

    test('of several sleeps the shortest ends first', async () => {
      const ended: number[] = [];
      const sleeps = [60, 20, 40].map(async (ms) => {
        await world.clock.sleep(ms);
        ended.push(ms);
      });
      await outlast(world, Promise.all(sleeps), 10);
      expect(ended).toStrictEqual([20, 40, 60]);
    });

    test.each([0, -1])('a sleep of %d ms ends', async (ms) => {
      await outlast(world, world.clock.sleep(ms), 1);
    });

    test('an abort ends a sleep at once, without an error', async () => {
      const stop = new AbortController();
      const sleeping = world.clock.sleep(hour, stop.signal);
      stop.abort(new Error('the reason'));
      await sleeping;
    });

    test('a signal that was aborted before ends the sleep at once', async () => {
      await world.clock.sleep(hour, AbortSignal.abort());
    });

    test('a sleep leaves no listener on the signal, whether it ended by time or by an abort', async () => {
      const signal = new CountingSignal();
      await outlast(world, world.clock.sleep(20, signal), 10);
      expect(signal.listeners.size).toBe(0);
      const sleeping = world.clock.sleep(hour, signal);
      expect(signal.listeners.size).toBe(1);
      signal.abort();
      await sleeping;
      expect(signal.listeners.size).toBe(0);
    });
  });
}
