import { describe, expect, test } from '@jest/globals';
import type { Random } from '../../src/ports/random.ts';

/** What every source of chance promises. */
export function randomContract(label: string, make: () => Random): void {
  describe(`${label} as Random`, () => {
    test('gives numbers from 0 to below 1, spread over all of it', () => {
      const random = make();
      const numbers = Array.from({ length: 10_000 }, () => random.next());
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
      expect(new Set(numbers.map((number) => Math.floor(number * 10))).size).toBe(10);
    });
  });
}
