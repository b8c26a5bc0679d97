import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Ids } from '../../src/ports/ids.ts';
import { upTo } from './world.ts';

/** Everything that Ids promises. `factory` makes an Ids of another process each time. */
export function idsContract(label: string, factory: () => Ids): void {
  describe(`${label} keeps the contract of Ids`, () => {
    test('a fresh name was never given before, in this process or in another', () => {
      const processes = [factory(), factory()];
      const names = processes.flatMap((ids) => upTo(5_000).map(() => ids.fresh()));
      expect(new Set(names).size).toBe(10_000);
      expect(names.filter((name) => !/^[\w-]{1,64}$/.test(name))).toStrictEqual([]);
    });

    test('a derived name is 32 hexadecimal digits, the same for the same parts in every process', () => {
      fc.assert(
        fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
          const name = factory().derived(...parts);
          expect(name).toMatch(/^[0-9a-f]{32}$/);
          expect(factory().derived(...parts)).toBe(name);
        }),
      );
    });

    test('other parts give another name, also where they join to one text', () => {
      const lists = [
        [],
        [''],
        ['', ''],
        ['ab', 'c'],
        ['a', 'bc'],
        ['abc'],
        ['c', 'ab'],
        ['a","b'],
        ['a', 'b'],
        ['a,b'],
        ['é'],
        ['e\u0301'],
        ['A'],
        ['a'],
      ];
      const ids = factory();
      expect(new Set(lists.map((parts) => ids.derived(...parts))).size).toBe(lists.length);
    });

    // Names are kept in databases: a rule that changed would make every user a stranger. Checked with sha256sum.
    test('the rule is the SHA-256 of the parts as a JSON array, cut to 32 digits', () => {
      expect(factory().derived('user', 'a@example.com')).toBe('de97c84dadb46d69d46198b298f87eaf');
      expect(factory().derived('李雷', '')).toBe('2c985eb37825c3aa439718dc5e4ed332');
    });
  });
}
