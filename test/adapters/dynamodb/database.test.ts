import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DynamoDatabase } from '../../../src/adapters/dynamodb/database.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { upTo } from '../../contracts/world.ts';
import { ScriptedEndpoint, type Reply, type Request } from './endpoint.ts';

describe('parts that DynamoDB refuses for now are tried again', () => {
  let close: () => Promise<void> = async () => undefined;
  afterEach(() => close());

  /** A database on an endpoint with a script. Time jumps to the next waking, and every pause is written down. */
  const databaseOn = async (answer: (request: Request, nth: number) => Reply, chance = 1) => {
    let asked = 0;
    const endpoint = await ScriptedEndpoint.start((request) => answer(request, ++asked));
    const client = new DynamoDBClient(endpoint.settings);
    close = async () => {
      client.destroy();
      await endpoint.stop();
    };
    const pauses: number[] = [];
    const clock = new MemoryClock();
    const sleep = async (ms: number) => {
      pauses.push(ms);
    };
    const db = new DynamoDatabase(client, { clock: { now: () => clock.now(), sleep }, random: { next: () => chance } });
    return { db, endpoint, pauses };
  };
  const statements = (count: number) => upTo(count).map((n) => ({ text: `write ${n}`, values: [{ N: String(n) }] }));
  const textsOf = ({ input }: Request) => (input['Statements'] as { readonly Statement: string }[]).map(({ Statement }) => Statement);
  const refused = (Code: string) => ({ Error: { Code, Message: Code } });

  test('statements go 25 a request, and only those that were refused go again', async () => {
    const { db, endpoint, pauses } = await databaseOn(({ input }, nth) => {
      const texts = (input['Statements'] as readonly unknown[]).length;
      return { Responses: upTo(texts).map((n) => (nth <= 2 && n % 10 === 0 ? refused('ThrottlingError') : {})) };
    });
    expect(await db.write(statements(40))).toStrictEqual(upTo(40).map(() => true));
    expect(endpoint.requests.map((request) => textsOf(request).length).sort((a, b) => a - b)).toStrictEqual([1, 2, 15, 25]);
    expect(endpoint.requests.flatMap(textsOf).filter((text) => text === 'write 10')).toHaveLength(2);
    expect(pauses).toHaveLength(2);
  });

  test.each(['ThrottlingError', 'ProvisionedThroughputExceeded', 'RequestLimitExceeded', 'InternalServerError', 'TransactionConflict'])(
    '%s is such a refusal',
    async (code) => {
      const { db } = await databaseOn((_, nth) => ({ Responses: [nth === 1 ? refused(code) : {}] }));
      expect(await db.write(statements(1))).toStrictEqual([true]);
    },
  );

  test.each(['DuplicateItem', 'ConditionalCheckFailed'])('%s is an answer', async (code) => {
    const { db, endpoint } = await databaseOn(() => ({ Responses: [{}, refused(code), {}] }));
    expect(await db.write(statements(3))).toStrictEqual([true, false, true]);
    expect(endpoint.requests).toHaveLength(1);
  });

  test('pauses grow with chance in them while nothing gets on, and it gives up', async () => {
    const { db, pauses } = await databaseOn(() => ({ Responses: [refused('ThrottlingError')] }), 0.5);
    await expect(db.write(statements(1))).rejects.toMatchObject({ name: 'Throttling' });
    expect(pauses).toHaveLength(13);
    expect(pauses.slice(0, 4)).toStrictEqual([25, 50, 100, 200]);
    expect(Math.max(...pauses)).toBe(2_000);
  });

  test('while something gets on it does not give up', async () => {
    const { db, pauses } = await databaseOn(({ input }) => {
      const [, ...others] = input['Statements'] as readonly unknown[];
      return { Responses: [{}, ...others.map(() => refused('ThrottlingError'))] };
    });
    expect(await db.write(statements(25))).toStrictEqual(upTo(25).map(() => true));
    expect(new Set(pauses)).toStrictEqual(new Set([25]));
  });

  test('keys go 100 a request, and those that were not processed go again', async () => {
    const { db, endpoint } = await databaseOn(({ input }, nth) => {
      const { Keys: keys } = (
        input['RequestItems'] as { readonly users: { readonly Keys: readonly { readonly key: { readonly S: string } }[] } }
      ).users;
      const done = nth === 1 ? keys.slice(0, 60) : keys;
      return {
        Responses: { users: done.map((key) => ({ ...key, name: { S: `name of ${key.key.S}` } })) },
        ...(done.length < keys.length && { UnprocessedKeys: { users: { Keys: keys.slice(60) } } }),
      };
    });
    const keys = upTo(150).map((n) => ({ key: { S: `key ${n}` } }));
    const found = await db.read('users', keys, 'key');
    expect([...found.keys()].sort()).toStrictEqual(keys.map(({ key }) => key.S).sort());
    expect(endpoint.requests).toHaveLength(3);
    expect(endpoint.requests.every(({ input }) => JSON.stringify(input).includes('"ConsistentRead":true'))).toBe(true);
  });

  test('after a failure no further request is begun, and those under way end first', async () => {
    const { db, endpoint } = await databaseOn(() => ({ status: 400, error: 'ValidationException', message: 'wrong' }));
    await expect(db.write(statements(25 * 100))).rejects.toMatchObject({ name: 'ValidationException' });
    expect(endpoint.requests.length).toBeLessThanOrEqual(8);
  });
});
