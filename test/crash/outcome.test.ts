import { expect, test } from '@jest/globals';
import { damageOf, type Outcome } from './outcome.ts';

test.each<[string, Partial<Outcome>, readonly string[]]>([
  ['nothing where all is the same', {}, []],
  ['a user who is lost', { users: ['a@example.com'] }, ['usersLost: 1']],
  [
    'an account that is there twice',
    { users: ['a@example.com', 'b@example.com', 'B@example.com'] },
    ['usersTwice: 1', 'users or mails that the undisturbed run does not have: 1'],
  ],
  ['a mail that is lost', { mails: mailsTo(1) }, ['mailsLost: 1']],
  ['a mail that came twice', { mails: mailsTo(2, 1) }, ['mailsTwice: 1']],
  ['no fault in one that came twice and was uncertain once', { mails: mailsTo(2, 1), uncertain: new Map([['u1', 1]]) }, []],
  ['one that came oftener than it was uncertain', { mails: mailsTo(3, 1), uncertain: new Map([['u1', 1]]) }, ['mailsTwice: 1']],
  [
    'one that came three times, however often it was uncertain',
    {
      counts: { inserted: 2, welcomed: 1 },
      leftUncertain: new Set(['u1']),
      mails: mailsTo(3, 1),
      uncertain: new Map([['u1', 2]]),
    },
    ['mailsTwice: 1'],
  ],
  [
    'no fault in a missing mail whose welcome is left uncertain',
    {
      counts: { inserted: 2, welcomed: 1 },
      mails: mailsTo(1),
      uncertain: new Map([['u2', 2]]),
      leftUncertain: new Set(['u2']),
    },
    [],
  ],
  [
    'no fault in one that came twice and is left uncertain',
    {
      counts: { inserted: 2, welcomed: 1 },
      mails: mailsTo(1, 2),
      uncertain: new Map([['u2', 2]]),
      leftUncertain: new Set(['u2']),
    },
    [],
  ],
  [
    'a mail that is lost although it was uncertain, where its welcome counts as sent',
    { mails: mailsTo(1), uncertain: new Map([['u2', 1]]) },
    ['mailsLost: 1'],
  ],
  [
    'a mail that is lost where the welcome of somebody else is left uncertain',
    {
      counts: { inserted: 2, welcomed: 1 },
      mails: mailsTo(1),
      uncertain: new Map([['u1', 2]]),
      leftUncertain: new Set(['u1']),
    },
    ['mailsLost: 1'],
  ],
  [
    'a welcome that is left uncertain after one uncertain send',
    { counts: { inserted: 2, welcomed: 1 }, uncertain: new Map([['u2', 1]]), leftUncertain: new Set(['u2']) },
    ['left uncertain before the second uncertain send: 1'],
  ],
  [
    'a welcome that is left uncertain and counts as sent',
    { uncertain: new Map([['u2', 2]]), leftUncertain: new Set(['u2']) },
    ['counts differ: {"inserted":2,"welcomed":2} instead of {"inserted":2,"welcomed":1}'],
  ],
  [
    'a welcome that was tried once more after the second uncertain send',
    { uncertain: new Map([['u2', 2]]) },
    ['not left alone after the second uncertain send: 1'],
  ],
  [
    'more uncertain sends than a welcome may have',
    { counts: { inserted: 2, welcomed: 1 }, uncertain: new Map([['u2', 3]]), leftUncertain: new Set(['u2']) },
    ['uncertain more often than sends were cut off: 1'],
  ],
  ['a mail to nobody', { mails: mailsTo(1, 1, 1) }, ['users or mails that the undisturbed run does not have: 1']],
  [
    'other counts',
    { counts: { inserted: 1, welcomed: 2 } },
    ['counts differ: {"inserted":1,"welcomed":2} instead of {"inserted":2,"welcomed":2}'],
  ],
  ['other rejections', { rejections: [] }, ['rejections differ: [] instead of ["3 no-address []"]']],
  ['what is still on its way', { left: 2 }, ['left on its way: 2']],
])('the comparison finds %s', (_, change, violations) => {
  expect(damageOf({ ...undisturbed, ...change }, undisturbed).violations).toStrictEqual(violations);
});

test('the comparison knows how many sends can have been cut off, and counts the mails that may be missing', () => {
  const uncertain = { ...undisturbed, uncertain: new Map([['u1', 1]]) };
  expect(damageOf(uncertain, undisturbed, 1).violations).toStrictEqual([]);
  expect(damageOf(uncertain, undisturbed, 0).violations).toStrictEqual(['uncertain more often than sends were cut off: 1']);
  const given = { mails: mailsTo(), uncertain: new Map([['u2', 2]]), leftUncertain: new Set(['u2']) };
  expect(damageOf({ ...undisturbed, ...given }, undisturbed)).toMatchObject({ mailsLost: 1, uncertainWithoutMail: 1, uncertainSends: 2 });
});

const undisturbed: Outcome = {
  counts: { inserted: 2, welcomed: 2 },
  users: ['a@example.com', 'b@example.com'],
  rejections: ['3 no-address []'],
  mails: mailsTo(1, 1),
  uncertain: new Map(),
  leftUncertain: new Set(),
  left: 0,
};

/** So many mails to each of u1, u2 and so on. */
function mailsTo(...counts: readonly number[]): Outcome['mails'] {
  return new Map(counts.map((count, index) => [`u${index + 1}@example.com`, count]));
}
