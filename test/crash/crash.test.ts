import { expect, test } from '@jest/globals';
import { crash } from './crash.ts';

/** A few of the kills of `npm run crash`: the same machinery, the same comparison. */
test('an import that is killed at any stage and begun again ends as if nothing had happened', async () => {
  const wanted = { kills: 16, perStage: 2, again: 1, seed: 10, rows: 100 };
  const { kills, again, violations, mailsTwiceUncertain, uncertainSends, ...report } = await crash(wanted);
  expect(violations).toStrictEqual([]);
  expect(report).toMatchObject({ usersLost: 0, usersTwice: 0, mailsLost: 0, mailsTwice: 0 });
  expect(Math.min(...Object.values(kills))).toBeGreaterThanOrEqual(2);
  expect(again).toBeGreaterThanOrEqual(1);
  expect(mailsTwiceUncertain).toBeLessThanOrEqual(uncertainSends);
}, 180_000);
