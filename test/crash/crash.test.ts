import { expect, test } from '@jest/globals';
import { crash } from './crash.ts';
import { damageOf, type Outcome } from './outcome.ts';

/** A few of the kills of `npm run crash`: the same machinery, the same comparison. */
test('an import that is killed at any stage and begun again ends as if nothing had happened', async () => {
  const { kills, violations, mailsTwiceUncertain, uncertainSends, ...report } = await crash({ kills: 16, perStage: 2, seed: 8, rows: 100 });
  expect(violations).toStrictEqual([]);
  expect(report).toMatchObject({ usersLost: 0, usersTwice: 0, mailsLost: 0, mailsTwice: 0 });
  expect(Math.min(...Object.values(kills))).toBeGreaterThanOrEqual(2);
  expect(mailsTwiceUncertain).toBeLessThanOrEqual(uncertainSends);
}, 180_000);

/** What the comparison finds. */
test.each<[string, Partial<Outcome>, readonly string[]]>([
  ['nothing where all is the same', {}, []],
  ['a user who is lost', { users: ['a@example.com'] }, ['usersLost: 1']],
  [
    'an account that is there twice',
    { users: ['a@example.com', 'b@example.com', 'B@example.com'] },
    ['usersTwice: 1', 'users or mails that the undisturbed run does not have: 1'],
  ],
  ['a mail that is lost', { mails: new Map([['u1@example.com', 1]]) }, ['mailsLost: 1']],
  [
    'a mail that came twice',
    {
      mails: new Map([
        ['u1@example.com', 2],
        ['u2@example.com', 1],
      ]),
    },
    ['mailsTwice: 1'],
  ],
  [
    'no fault in one that came twice and was uncertain once',
    {
      mails: new Map([
        ['u1@example.com', 2],
        ['u2@example.com', 1],
      ]),
      uncertain: new Map([['u1', 1]]),
    },
    [],
  ],
  [
    'one that came oftener than it was uncertain',
    {
      mails: new Map([
        ['u1@example.com', 3],
        ['u2@example.com', 1],
      ]),
      uncertain: new Map([['u1', 1]]),
    },
    ['mailsTwice: 1'],
  ],
  [
    'a mail to nobody',
    {
      mails: new Map([
        ['u1@example.com', 1],
        ['u2@example.com', 1],
        ['u3@example.com', 1],
      ]),
    },
    ['users or mails that the undisturbed run does not have: 1'],
  ],
  ['other counts', { counts: { inserted: 1 } }, ['counts differ: {"inserted":1} instead of {"inserted":2}']],
  ['other rejections', { rejections: [] }, ['rejections differ: [] instead of ["3 no-address []"]']],
  ['what is still on its way', { left: 2 }, ['left on its way: 2']],
])('the comparison finds %s', (_, change, violations) => {
  expect(damageOf({ ...undisturbed, ...change }, undisturbed).violations).toStrictEqual(violations);
});

const undisturbed: Outcome = {
  counts: { inserted: 2 },
  users: ['a@example.com', 'b@example.com'],
  rejections: ['3 no-address []'],
  mails: new Map([
    ['u1@example.com', 1],
    ['u2@example.com', 1],
  ]),
  uncertain: new Map(),
  left: 0,
};
