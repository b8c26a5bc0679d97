import { describe, expect, test } from '@jest/globals';
import { backOff, importRetries, pauseRetries, welcomeRetries } from '../../src/domain/retry.ts';

const chance = (next: number) => ({ next: () => next });
const policy = { baseMs: 100, factor: 3, maxMs: 1_000, attempts: 5 };

describe('backOff', () => {
  test.each([
    [1, 0, 50],
    [1, 0.5, 75],
    [1, 0.999, 100],
    [2, 0, 150],
    [3, 0, 450],
    [3, 0.5, 675],
    [4, 0, 500],
    [4, 0.999, 1_000],
    [400, 0, 500],
    [0, 0, 50],
    [-1, 0, 50],
  ])('after failure %d, with chance %d, it waits %d ms', (attempt, next, ms) => {
    expect(backOff(policy, attempt, chance(next))).toBe(ms);
  });

  test('whole milliseconds', () => {
    expect(backOff({ ...policy, baseMs: 5 }, 1, chance(0.3))).toBe(3);
  });
});

test.each([
  ['messages of an import', importRetries, [200, 600, 1_800, 5_400], 60_000, 5],
  ['welcomes', welcomeRetries, [1_000, 4_000, 16_000, 64_000, 256_000], 900_000, 6],
  ['services', pauseRetries, [250, 500, 1_000], 300_000, Infinity],
] as const)('the policy for %s', (_, of, waits, most, attempts) => {
  expect(waits.map((__, index) => backOff(of, index + 1, chance(1)))).toStrictEqual(waits);
  expect(backOff(of, 100, chance(1))).toBe(most);
  expect(of.attempts).toBe(attempts);
});
