import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SqliteIdempotencyKeys } from '../../../src/adapters/sqlite/idempotency-keys.ts';
import { idempotencyKeysContract } from '../../contracts/idempotency-keys.contract.ts';
import { SqliteWorld, withPorts } from './world.ts';

idempotencyKeysContract('SqliteIdempotencyKeys', async () => {
  const world = new SqliteWorld();
  return withPorts(world, { keys: new SqliteIdempotencyKeys(world.db) });
});

let world: SqliteWorld;
beforeEach(() => {
  world = new SqliteWorld();
});
afterEach(() => world.close());

const answer = { request: 'digest', status: 202, headers: {}, body: '' };

test('old answers go when a new one comes', async () => {
  const keys = new SqliteIdempotencyKeys(world.db);
  await keys.keep('old', { ...answer, at: 1_000 }, 0);
  await keys.keep('new', { ...answer, at: 9_000 }, 2_000);
  expect(world.texts('SELECT key FROM answers')).toStrictEqual(['new']);
});
