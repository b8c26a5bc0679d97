import { describe, expect, test } from '@jest/globals';
import { simulate } from './run.ts';

describe('a simulated run', () => {
  test.each([11, 12, 13, 50])('of seed %d breaks no law', async (seed) => {
    expect((await simulate(seed)).violation).toBeUndefined();
  });

  test.each([
    ['in memory', 3],
    ['over SQLite', 100],
  ])('is the same to the last step for the same seed, %s', async (_, seed) => {
    const [first, second] = [await simulate(seed), await simulate(seed)];
    expect([second.digest, second.steps, second.census]).toStrictEqual([first.digest, first.steps, first.census]);
  });

  test('is another for another seed', async () => {
    expect((await simulate(4)).digest).not.toBe((await simulate(5)).digest);
  });

  test('has at least two imports, forty rows and six batches', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { files, rows, batches } = await simulate(seed);
      expect(files).toBeGreaterThanOrEqual(2);
      expect(rows).toBeGreaterThanOrEqual(40);
      expect(batches).toBeGreaterThanOrEqual(6);
    }
  });
});
