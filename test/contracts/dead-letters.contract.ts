import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DeadLetter, DeadLetterFilter, DeadLetters } from '../../src/ports/dead-letters.ts';
import type { QueueName } from '../../src/ports/vocabulary.ts';
import { present, testsNeeding, upTo, type Lacks, type World } from './world.ts';

/** No dead letters yet, and the three queues, empty. */
export interface DeadLettersWorld extends World {
  readonly deadLetters: DeadLetters;
  /** The texts that can be received from a queue now; read behind the adapter, and left there. */
  textsOn(queue: QueueName): Promise<readonly string[]>;
  /** The same dead letters through a connection of its own, as another process has them. Closed with the world. */
  peer?(): Promise<DeadLetters>;
}

export type DeadLettersCapability =
  /** Several connections to the same dead letters. */
  | 'peer'
  /** Listing and counting by queue and by import, the oldest first. */
  | 'filters'
  /** Two who redrive the same letter at once send it once. */
  | 'redrive-once';

/** Everything that DeadLetters promises. */
export function deadLettersContract(
  label: string,
  factory: () => Promise<DeadLettersWorld>,
  lacks: Lacks<DeadLettersCapability> = {},
): void {
  const testNeeding = testsNeeding(lacks);

  describe(`${label} keeps the contract of DeadLetters`, () => {
    let world: DeadLettersWorld;
    beforeEach(async () => {
      world = await factory();
    });
    afterEach(() => world.close());

    const list = (filter: DeadLetterFilter = {}) => world.deadLetters.list(filter, 1_000);

    describe('keeping', () => {
      test('a letter is kept as it was put', async () => {
        const letter = letterOf(1, {
          text: 'Zoë 李雷 🎉 {"a":\r\n',
          cause: 'The mail server said 550 — “no such user”.',
          importId: 'import-a',
        });
        await world.deadLetters.put([letter]);
        expect(await list()).toStrictEqual([letter]);
      });

      test('a letter without an import comes back without that key', async () => {
        await world.deadLetters.put([letterOf(1)]);
        expect(await list()).toStrictEqual([letterOf(1)]);
        expect(Object.keys(present((await list())[0]))).not.toContain('importId');
      });

      test('an empty text and one of a million characters are kept', async () => {
        const letters = [letterOf(1, { text: '' }), letterOf(2, { text: 'ü'.repeat(1_000_000) })];
        await world.deadLetters.put(letters);
        expect(await list()).toStrictEqual(letters);
      });

      test('a letter with an id that is kept already replaces it', async () => {
        await world.deadLetters.put([letterOf(1, { importId: 'import-a' }), letterOf(2)]);
        const anew = letterOf(1, { text: 'anew', code: 'mail-refused', cause: 'another', queue: 'welcomes', at: 9_000 });
        await world.deadLetters.put([anew]);
        expect(await list()).toStrictEqual([letterOf(2), anew]);
        expect(await world.deadLetters.count({})).toBe(2);
      });

      test('of two letters with one id in one call the later one is kept', async () => {
        await world.deadLetters.put([letterOf(1, { cause: 'first' }), letterOf(1, { cause: 'second' })]);
        expect(await list()).toStrictEqual([letterOf(1, { cause: 'second' })]);
      });

      test('putting nothing is harmless', async () => {
        await world.deadLetters.put([]);
        expect(await list()).toStrictEqual([]);
        expect(await world.deadLetters.count({})).toBe(0);
      });

      test('what is done to a listed letter changes nothing', async () => {
        await world.deadLetters.put([letterOf(1)]);
        (present((await list())[0]) as { cause: string }).cause = 'changed';
        expect(await list()).toStrictEqual([letterOf(1)]);
      });
    });

    describe('listing and counting', () => {
      const mixed = [
        letterOf(1, { queue: 'records', importId: 'import-a' }),
        letterOf(2, { queue: 'records', importId: 'import-b' }),
        letterOf(3, { queue: 'welcomes', importId: 'import-a' }),
        letterOf(4, { queue: 'uploads' }),
        letterOf(5, { queue: 'records', importId: 'import-a' }),
      ];

      testNeeding('filters', 'the oldest come first, in whatever order they were put', async () => {
        await world.deadLetters.put([present(mixed[4]), present(mixed[0])]);
        await world.deadLetters.put([present(mixed[3]), present(mixed[1]), present(mixed[2])]);
        expect(numbers(await list())).toStrictEqual([1, 2, 3, 4, 5]);
      });

      const filtered: [DeadLetterFilter, number[]][] = [
        [{}, [1, 2, 3, 4, 5]],
        [{ queue: 'records' }, [1, 2, 5]],
        [{ queue: 'uploads' }, [4]],
        [{ importId: 'import-a' }, [1, 3, 5]],
        [{ queue: 'records', importId: 'import-a' }, [1, 5]],
        [{ queue: 'uploads', importId: 'import-a' }, []],
        [{ importId: 'no such import' }, []],
      ];
      for (const [filter, expected] of filtered) {
        testNeeding('filters', `${JSON.stringify(filter)} finds ${expected.join(', ') || 'none'}`, async () => {
          await world.deadLetters.put(mixed);
          expect(numbers(await list(filter))).toStrictEqual(expected);
          expect(await world.deadLetters.count(filter)).toBe(expected.length);
        });
      }

      testNeeding('filters', 'the pages of a filter hold each of its letters once', async () => {
        await world.deadLetters.put(mixed);
        expect(numbers(await world.deadLetters.list({ queue: 'records' }, 2))).toStrictEqual([1, 2]);
        expect(numbers(await world.deadLetters.list({ queue: 'records' }, 2, idOf(2)))).toStrictEqual([5]);
        expect(numbers(await world.deadLetters.list({ queue: 'records' }, 2, idOf(5)))).toStrictEqual([]);
      });

      testNeeding('filters', 'pages hold each letter once, also of those that died at one moment', async () => {
        await world.deadLetters.put(upTo(25).map((n) => letterOf(n, { at: 1_000 + (n % 2) })));
        const seen: DeadLetter[] = [];
        for (let after: string | undefined; ; after = present(seen.at(-1)).id) {
          const page = await world.deadLetters.list({}, 4, after);
          if (page.length === 0) break;
          expect(page.length).toBeLessThanOrEqual(4);
          seen.push(...page);
        }
        expect(numbers(seen).sort((a, b) => a - b)).toStrictEqual(upTo(25));
        expect(seen.map(({ at }) => at)).toStrictEqual(seen.map(({ at }) => at).sort());
      });
    });

    describe('redriving', () => {
      test('the messages go back to their queues just as they were, and are kept no longer', async () => {
        await world.deadLetters.put([
          letterOf(1, { queue: 'uploads', text: 'to uploads' }),
          letterOf(2, { queue: 'records', text: 'Zoë 李雷 🎉 {"a":\r\n' }),
          letterOf(3, { queue: 'welcomes', text: 'to welcomes' }),
        ]);
        expect(await world.deadLetters.redrive([idOf(1), idOf(2), idOf(3)])).toBe(3);
        expect(await world.textsOn('uploads')).toStrictEqual(['to uploads']);
        expect(await world.textsOn('records')).toStrictEqual(['Zoë 李雷 🎉 {"a":\r\n']);
        expect(await world.textsOn('welcomes')).toStrictEqual(['to welcomes']);
        expect(await list()).toStrictEqual([]);
      });

      test('the others stay', async () => {
        await world.deadLetters.put(upTo(4).map((n) => letterOf(n)));
        expect(await world.deadLetters.redrive([idOf(2), idOf(4)])).toBe(2);
        expect(numbers(await list())).toStrictEqual([1, 3]);
        expect([...(await world.textsOn('records'))].sort()).toStrictEqual(['text 2', 'text 4']);
      });

      test('redriving again sends nothing', async () => {
        await world.deadLetters.put([letterOf(1)]);
        expect(await world.deadLetters.redrive([idOf(1)])).toBe(1);
        expect(await world.deadLetters.redrive([idOf(1)])).toBe(0);
        expect(await world.textsOn('records')).toStrictEqual(['text 1']);
      });

      test('an id named twice in one call is sent once', async () => {
        await world.deadLetters.put([letterOf(1)]);
        expect(await world.deadLetters.redrive([idOf(1), idOf(1)])).toBe(1);
        expect(await world.textsOn('records')).toStrictEqual(['text 1']);
      });

      test('unknown ids are ignored', async () => {
        await world.deadLetters.put([letterOf(1)]);
        expect(await world.deadLetters.redrive(['no such letter', idOf(1), ''])).toBe(1);
        expect(await world.deadLetters.redrive([])).toBe(0);
      });

      testNeeding('redrive-once', 'several who redrive at once send each letter once', async () => {
        await world.deadLetters.put(upTo(50).map((n) => letterOf(n)));
        const answers = await Promise.all(upTo(4).map(() => world.deadLetters.redrive(upTo(50).map(idOf))));
        expect(answers.reduce((sum, sent) => sum + sent)).toBe(50);
        expect([...(await world.textsOn('records'))].sort()).toStrictEqual(upTo(50).map(textOf).sort());
      });

      test('a message that dies again can be redriven again', async () => {
        await world.deadLetters.put([letterOf(1)]);
        await world.deadLetters.redrive([idOf(1)]);
        await world.deadLetters.put([letterOf(1, { at: 5_000 })]);
        expect(await list()).toStrictEqual([letterOf(1, { at: 5_000 })]);
        expect(await world.deadLetters.redrive([idOf(1)])).toBe(1);
        expect(await world.textsOn('records')).toStrictEqual(['text 1', 'text 1']);
      });

      test('1,000 letters go back in one call', async () => {
        await world.deadLetters.put(upTo(1_000).map((n) => letterOf(n)));
        expect(await world.deadLetters.count({})).toBe(1_000);
        expect(await world.deadLetters.redrive(upTo(1_000).map(idOf))).toBe(1_000);
        expect(await world.deadLetters.count({})).toBe(0);
        expect(new Set(await world.textsOn('records')).size).toBe(1_000);
      });
    });

    testNeeding('peer', 'another connection lists and redrives them', async () => {
      const peer = await present(world.peer).call(world);
      await world.deadLetters.put([letterOf(1), letterOf(2)]);
      expect(numbers(await peer.list({}, 10))).toStrictEqual([1, 2]);
      const answers = await Promise.all([peer.redrive([idOf(1)]), world.deadLetters.redrive([idOf(1)])]);
      expect([...answers].sort()).toStrictEqual([0, 1]);
      expect(await world.textsOn('records')).toStrictEqual(['text 1']);
      expect(numbers(await list())).toStrictEqual([2]);
    });
  });
}

function letterOf(n: number, parts: Partial<DeadLetter> = {}): DeadLetter {
  return { id: idOf(n), queue: 'records', text: textOf(n), code: 'unreadable-message', cause: `cause ${n}`, at: 1_000 + n, ...parts };
}

/** The ids run against the order of time, so that a list by id shows. */
function idOf(n: number): string {
  return `letter-${String(10_000 - n)}`;
}

function textOf(n: number): string {
  return `text ${n}`;
}

function numbers(letters: readonly DeadLetter[]): number[] {
  return letters.map(({ id }) => 10_000 - Number(id.slice('letter-'.length)));
}
