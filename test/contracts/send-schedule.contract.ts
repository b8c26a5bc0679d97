import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SendSchedule } from '../../src/ports/send-schedule.ts';
import { testsNeeding, upTo, type Lacks, type World } from './world.ts';

/** A line in which nobody stands. */
export interface SendScheduleWorld extends World {
  readonly schedule: SendSchedule;
  /** The same line through a connection of its own, as another process has it. Closed with the world. */
  peer?(): Promise<SendSchedule>;
}

export type SendScheduleCapability =
  /** Several processes stand in one line. */
  'peer';

const now = 1_800_000_000_000;

/** Everything that SendSchedule promises. */
export function sendScheduleContract(
  label: string,
  factory: () => Promise<SendScheduleWorld>,
  lacks: Lacks<SendScheduleCapability> = {},
): void {
  const testNeeding = testsNeeding(lacks);

  describe(`${label} keeps the contract of SendSchedule`, () => {
    let world: SendScheduleWorld;
    let schedule: SendSchedule;
    beforeEach(async () => {
      world = await factory();
      schedule = world.schedule;
    });
    afterEach(() => world.close());

    test('who finds the line empty begins at once', async () => {
      expect(await schedule.reserve('a', 2_000, now)).toBe(now);
    });

    test('everybody begins where the one before ends', async () => {
      await schedule.reserve('a', 2_000, now);
      expect(await schedule.reserve('b', 500, now)).toBe(now + 2_000);
      expect(await schedule.reserve('c', 1, now)).toBe(now + 2_500);
    });

    test('who asks again is told the same, and takes no second stretch', async () => {
      await schedule.reserve('a', 2_000, now);
      const begins = await schedule.reserve('b', 2_000, now);
      expect(await schedule.reserve('b', 2_000, now + 1_000)).toBe(begins);
      expect(await schedule.reserve('b', 2_000, begins)).toBe(begins);
      expect(await schedule.reserve('c', 1, begins)).toBe(now + 4_000);
    });

    test('who has missed its stretch gets the next that is free', async () => {
      await schedule.reserve('a', 2_000, now);
      const begins = await schedule.reserve('b', 2_000, now);
      await schedule.reserve('c', 5_000, now);
      expect(await schedule.reserve('b', 2_000, begins + 1_999)).toBe(begins);
      expect(await schedule.reserve('b', 2_000, begins + 2_000)).toBe(now + 9_000);
      expect(await schedule.reserve('b', 2_000, begins + 2_001)).toBe(now + 9_000);
    });

    test('a line in which nobody stands any more begins now', async () => {
      await schedule.reserve('a', 2_000, now);
      expect(await schedule.reserve('b', 2_000, now + 2_000)).toBe(now + 2_000);
      expect(await schedule.reserve('c', 2_000, now + 60_000)).toBe(now + 60_000);
    });

    test('part of a millisecond is kept or counted as a whole one', async () => {
      await schedule.reserve('a', 71.4, now);
      const begins = await schedule.reserve('b', 71.4, now);
      expect(begins).toBeGreaterThanOrEqual(now + 71.4);
      expect(begins).toBeLessThanOrEqual(now + 72);
    });

    test('of many who ask at once no two get the same stretch', async () => {
      const begins = await Promise.all(upTo(20).map((n) => schedule.reserve(`holder-${n}`, 1_000, now)));
      expect([...begins].sort((a, b) => a - b)).toStrictEqual(upTo(20).map((n) => now + (n - 1) * 1_000));
    });

    test('a name may be anything', async () => {
      await schedule.reserve('first', 1_000, now);
      for (const name of ['', 'ü 李雷 🎉', 'a#b/c', '{"x":1}']) {
        const begins = await schedule.reserve(name, 1_000, now);
        expect(await schedule.reserve(name, 1_000, now)).toBe(begins);
      }
    });

    testNeeding('peer', 'processes stand in one line', async () => {
      const peer = await world.peer?.();
      await schedule.reserve('a', 2_000, now);
      const begins = await peer?.reserve('b', 1_000, now);
      expect(begins).toBe(now + 2_000);
      expect(await schedule.reserve('b', 1_000, now)).toBe(begins);
      expect(await schedule.reserve('c', 1_000, now)).toBe(now + 3_000);
    });
  });
}
