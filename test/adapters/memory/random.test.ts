import { expect, test } from '@jest/globals';
import { MemoryRandom } from '../../../src/adapters/memory/random.ts';
import { randomContract } from '../../contracts/random.contract.ts';

randomContract('MemoryRandom', () => new MemoryRandom(1));

const take = (random: MemoryRandom, count: number) => Array.from({ length: count }, () => random.next());

test('the same seed gives the same numbers, another one others', () => {
  expect(take(new MemoryRandom(7), 100)).toStrictEqual(take(new MemoryRandom(7), 100));
  expect(take(new MemoryRandom(7), 5)).not.toStrictEqual(take(new MemoryRandom(8), 5));
});

test('numbers lie from 0 (included) to 1 (excluded), and are spread evenly', () => {
  const numbers = take(new MemoryRandom(1), 100_000);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  const tenths = Array.from({ length: 10 }, (_, tenth) => numbers.filter((number) => Math.floor(number * 10) === tenth).length);
  expect(Math.min(...tenths)).toBeGreaterThan(9_500);
  expect(Math.max(...tenths)).toBeLessThan(10_500);
});
