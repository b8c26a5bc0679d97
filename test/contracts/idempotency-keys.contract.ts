import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { IdempotencyKeys, KeptAnswer } from '../../src/ports/idempotency-keys.ts';
import { upTo, type World } from './world.ts';

/** No answer is kept yet. */
export interface IdempotencyKeysWorld extends World {
  readonly keys: IdempotencyKeys;
}

/** Everything that IdempotencyKeys promises. */
export function idempotencyKeysContract(label: string, factory: () => Promise<IdempotencyKeysWorld>): void {
  describe(`${label} keeps the contract of IdempotencyKeys`, () => {
    let world: IdempotencyKeysWorld;
    let keys: IdempotencyKeys;
    beforeEach(async () => {
      world = await factory();
      keys = world.keys;
    });
    afterEach(() => world.close());

    test('an answer is kept as it is, under its key', async () => {
      const answer = answerOf({ headers: { Location: '/imports/1', 'Content-Type': 'text/plain' }, body: 'Zoë\n李雷 🎉"' });
      expect(await keys.find('a', 0)).toBeUndefined();
      expect(await keys.keep('a', answer, 0)).toStrictEqual(answer);
      expect(await keys.find('a', 0)).toStrictEqual(answer);
      expect(await keys.find('b', 0)).toBeUndefined();
    });

    test('the first answer stays, and whoever comes second is told it', async () => {
      const first = answerOf({ body: 'first' });
      await keys.keep('a', first, 0);
      expect(await keys.keep('a', answerOf({ body: 'second', request: 'another' }), 0)).toStrictEqual(first);
      expect(await keys.find('a', 0)).toStrictEqual(first);
    });

    test('of several who come at once, one is kept, and all are told it', async () => {
      const answers = await Promise.all(upTo(10).map((n) => keys.keep('a', answerOf({ body: String(n) }), 0)));
      const kept = await keys.find('a', 0);
      expect(kept).toBeDefined();
      expect(answers).toStrictEqual(answers.map(() => kept));
    });

    test('what was kept too long ago counts as not kept', async () => {
      await keys.keep('a', answerOf({ at: 1_000 }), 0);
      expect(await keys.find('a', 1_000)).toBeDefined();
      expect(await keys.find('a', 1_001)).toBeUndefined();
      const later = answerOf({ at: 5_000, body: 'later' });
      expect(await keys.keep('a', later, 1_001)).toStrictEqual(later);
      expect(await keys.find('a', 0)).toStrictEqual(later);
    });
  });
}

function answerOf(answer: Partial<KeptAnswer> = {}): KeptAnswer {
  return { request: 'digest', status: 202, headers: {}, body: '', at: 1_000, ...answer };
}
