import { beforeEach, describe, expect, test } from '@jest/globals';
import { findUser, findUsers } from '../../../src/domain/onboarding/find-users.ts';
import { userIdOf } from '../../../src/domain/onboarding/user-id.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import { batchOf, recordsOf } from '../../contracts/batches.ts';
import { upTo } from '../../contracts/world.ts';
import { faulty } from '../faulty.ts';
import { MemoryWorld } from '../world.ts';

let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

const users = async (...keys: string[]): Promise<void> => {
  const records = keys.map((key, index) => ({ row: index + 1, key: key.toLowerCase(), address: key, name: 'N' }));
  await world.users.store([batchOf(records)]);
};
const keysOf = async (prefix: string, limit = 10, after?: string): Promise<readonly string[]> =>
  (await findUsers(world, { prefix, limit, ...(after !== undefined && { after }) })).map(({ user }) => user.key);

describe('users by the beginning of their address', () => {
  beforeEach(() => users('ad@example.com', 'ada@example.com', 'Ada.L@example.com', 'adb@example.com', 'bob@example.com', 'ada'));

  test('in any case, also one whose address is just that', async () => {
    expect(await keysOf('ADA')).toStrictEqual(['ada', 'ada.l@example.com', 'ada@example.com']);
    expect(await keysOf('bob@example.com')).toStrictEqual(['bob@example.com']);
    expect(await keysOf('zoe')).toStrictEqual([]);
    expect(await keysOf('')).toHaveLength(6);
  });

  test('page by page, each once', async () => {
    for (const prefix of ['ad', 'ada', '']) {
      const seen: string[] = [];
      for (let page = await keysOf(prefix, 1); page.length > 0; page = await keysOf(prefix, 1, page.at(-1))) {
        expect(page).toHaveLength(1);
        seen.push(...page);
      }
      expect(seen).toStrictEqual(await keysOf(prefix));
    }
  });

  test('of those who stand before it, none', async () => {
    expect(await keysOf('b', 1, 'ada')).toStrictEqual(['bob@example.com']);
    expect(await keysOf('ada', 10, 'ada@example.com')).toStrictEqual([]);
  });

  test('all of them where none is given', async () => {
    expect(await findUsers(world, { limit: 10 })).toHaveLength(6);
    expect(await findUsers(world, { limit: 10, after: 'adb@example.com' })).toHaveLength(1);
  });
});

describe('a user', () => {
  test('is found by address in any case, and by id, with the state of the welcome', async () => {
    await world.users.store([batchOf(recordsOf(2_500))]);
    const [last] = (await world.users.list(3_000)).slice(-1);
    const id = userIdOf(world.ids, last!.key);
    const ports = { ...portsOf(world), clock: new SystemClock() };
    const found = await findUser(ports, id);
    expect(found).toStrictEqual({ id, user: last, welcome: 'waiting' });
    expect(await findUser(ports, last!.key.toUpperCase())).toStrictEqual(found);
    const record = { userId: id, importId: 'a', revision: 0, state: 'sent', attempts: 0, uncertainSends: 0, at: 1 } as const;
    await world.ledger.replace([record]);
    expect(await findUser(ports, id)).toMatchObject({ welcome: 'sent', record: { state: 'sent', at: 1 } });
  });

  test('who wants no welcome waits for none', async () => {
    await world.users.store([batchOf(recordsOf(1, 1, 'quiet'), { welcome: false })]);
    expect(await findUsers(world, { limit: 10 })).toMatchObject([{ welcome: 'not wanted' }]);
  });

  test('sought by id lets others have their turn after every thousand', async () => {
    await world.users.store([batchOf(recordsOf(2_001))]);
    const [last] = (await world.users.list(3_000)).slice(-1);
    const waits: number[] = [];
    const clock = faulty(world.clock, { before: { sleep: (_, ms) => waits.push(ms) } });
    expect(await findUser({ ...portsOf(world), clock }, userIdOf(world.ids, last!.key))).toMatchObject({ user: last });
    expect(waits).toStrictEqual([0, 0]);
  });

  test('whom there is not is not found', async () => {
    await users(...upTo(3).map((n) => `u${n}@example.com`));
    expect(await findUser(world, 'nobody@example.com')).toBeUndefined();
    expect(await findUser(world, 'f'.repeat(32))).toBeUndefined();
  });
});

function portsOf({ users, ledger, ids, clock }: MemoryWorld): Parameters<typeof findUser>[0] {
  return { users, ledger, ids, clock };
}
