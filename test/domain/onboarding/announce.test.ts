import { describe, expect, test } from '@jest/globals';
import { announce, recipientsPerMessage } from '../../../src/domain/onboarding/announce.ts';
import { recipientOf, userIdOf } from '../../../src/domain/onboarding/user-id.ts';
import type { User, WelcomeMessage } from '../../../src/ports/vocabulary.ts';
import { upTo } from '../../contracts/world.ts';
import { MemoryWorld } from '../world.ts';

const userOf = (n: number, parts: Partial<User> = {}): User => ({
  key: `user${n}@example.com`,
  address: `User${n}@example.com`,
  name: `Name ${n}`,
  origin: { importId: 'import-a', row: n },
  welcome: true,
  ...parts,
});

const messagesOf = (world: MemoryWorld) => world.welcomes.texts().map((text) => JSON.parse(text) as WelcomeMessage);

describe('announce', () => {
  test.each([
    [0, []],
    [1, [1]],
    [50, [50]],
    [51, [50, 1]],
    [150, [50, 50, 50]],
  ])('%d users go into messages of %j', async (count, sizes) => {
    const world = new MemoryWorld();
    expect(
      await announce(
        world,
        upTo(count).map((n) => userOf(n)),
      ),
    ).toBe(count);
    const messages = messagesOf(world);
    expect(messages.map(({ recipients }) => recipients.length)).toStrictEqual(sizes);
    expect(messages.flatMap(({ recipients }) => recipients.map(({ name }) => name))).toStrictEqual(upTo(count).map((n) => `Name ${n}`));
    expect(recipientsPerMessage).toBe(50);
  });

  test('who wants no welcome gets none', async () => {
    const world = new MemoryWorld();
    expect(await announce(world, [userOf(1), userOf(2, { welcome: false }), userOf(3)])).toBe(2);
    expect(messagesOf(world).map(({ recipients }) => recipients.map(({ name }) => name))).toStrictEqual([['Name 1', 'Name 3']]);
  });
});

test('a recipient is what a welcome needs to know', () => {
  const { ids } = new MemoryWorld();
  const recipient = {
    userId: ids.derived('user', 'user1@example.com'),
    address: 'User1@example.com',
    name: 'Name 1',
    importId: 'import-a',
  };
  expect(recipientOf(ids, userOf(1))).toStrictEqual(recipient);
  expect(recipientOf(ids, userOf(1, { attributes: { city: 'Berlin' } }))).toStrictEqual({ ...recipient, attributes: { city: 'Berlin' } });
  expect(userIdOf(ids, 'user1@example.com')).toBe(recipient.userId);
});
