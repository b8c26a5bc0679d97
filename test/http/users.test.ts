import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SeenUsers } from '../../src/entrypoints/http/seen-users.ts';
import type { ListedUser } from '../../src/domain/onboarding/find-users.ts';
import type { HttpApp } from '../../src/entrypoints/http/route.ts';
import { recordsOf, batchOf } from '../contracts/batches.ts';
import { upTo } from '../contracts/world.ts';
import { HttpTestWorld, type Json } from './world.ts';

let world: HttpTestWorld;
let walks: number;
beforeEach(() => {
  world = new HttpTestWorld();
  walks = 0;
});
afterEach(() => world.close());

const got = async (app: HttpApp, path: string): Promise<Json> => (await (await app.request(path)).json()) as Json;

/** An app that counts how often users are gone through. */
function counting(): HttpApp {
  const { users } = world.world;
  return world.app({
    world: {
      users: {
        store: (batches) => users.store(batches),
        find: (keys) => users.find(keys),
        count: () => users.count(),
        list: (limit, after) => {
          walks += 1;
          return users.list(limit, after);
        },
      },
    },
  });
}

describe('a user that is asked for by its id', () => {
  test('is found at once where a list told of it, and by a walk where none did', async () => {
    await world.world.users.store([batchOf(recordsOf(2_500))]);
    const app = counting();
    const { items } = await got(app, '/users?email=user002500');
    const id = String(items[0]?.['id']);
    walks = 0;
    expect(await got(app, `/users/${id}`)).toStrictEqual(items[0]);
    expect(walks).toBe(0);

    const anew = counting();
    expect(await got(anew, `/users/${id}`)).toStrictEqual(items[0]);
    expect(walks).toBe(3);
    expect(await got(anew, `/users/${id}`)).toStrictEqual(items[0]);
    expect(walks).toBe(3);
  });
});

test('of the users that were seen, the last ten thousand are remembered', () => {
  const seen = new SeenUsers();
  const user = (n: number): ListedUser => ({ id: `id ${n}`, user: { key: `${n}@example.com` } }) as ListedUser;
  seen.remember(upTo(10_000).map(user));
  seen.remember([user(1)]);
  seen.remember([user(10_001), user(10_002)]);
  expect([1, 2, 3, 4, 10_002].map((n) => seen.keyOf(`id ${n}`))).toStrictEqual([
    '1@example.com',
    undefined,
    undefined,
    '4@example.com',
    '10002@example.com',
  ]);
});
