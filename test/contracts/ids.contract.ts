import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Ids } from '../../src/ports/ids.ts';

/** What every namer promises. */
export function idsContract(label: string, make: () => Ids): void {
  describe(`${label} as Ids`, () => {
    test('never gives a fresh name twice', () => {
      const ids = make();
      expect(new Set(Array.from({ length: 10_000 }, () => ids.fresh())).size).toBe(10_000);
    });

    test('gives the same name for the same parts, of 32 hexadecimal digits', () => {
      fc.assert(
        fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
          const name = make().derived(...parts);
          expect(name).toMatch(/^[0-9a-f]{32}$/);
          expect(make().derived(...parts)).toBe(name);
        }),
      );
    });

    test('gives different names for different parts', () => {
      fc.assert(
        fc.property(fc.uniqueArray(fc.array(fc.string({ unit: 'binary' })), { selector: (parts) => JSON.stringify(parts) }), (all) => {
          const ids = make();
          expect(new Set(all.map((parts) => ids.derived(...parts))).size).toBe(all.length);
        }),
      );
    });

    test('keeps parts apart', () => {
      const ids = make();
      const names = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['a","bc'], []].map((parts) => ids.derived(...parts));
      expect(new Set(names).size).toBe(names.length);
    });
  });
}
