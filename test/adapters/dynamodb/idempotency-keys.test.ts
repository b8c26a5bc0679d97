import { expect, test } from '@jest/globals';
import { DynamoIdempotencyKeys } from '../../../src/adapters/dynamodb/idempotency-keys.ts';
import { expiryAttribute } from '../../../src/adapters/dynamodb/tables.ts';
import { KeysUnavailable } from '../../../src/ports/idempotency-keys.ts';
import { idempotencyKeysContract } from '../../contracts/idempotency-keys.contract.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld, withPorts } from './world.ts';

onDynamoDBLocal((local) => {
  idempotencyKeysContract('DynamoIdempotencyKeys', async () => {
    const world = await DynamoWorld.of(local(), 'imports');
    return withPorts(world, { keys: new DynamoIdempotencyKeys(world.db, world.names.imports) });
  });

  const answer = { request: 'digest', status: 202, headers: {}, body: '' };

  test('an answer says from when on nobody asks for it any more', async () => {
    const world = await DynamoWorld.of(local(), 'imports');
    await new DynamoIdempotencyKeys(world.db, world.names.imports).keep('a', { ...answer, at: 10_500 }, 4_000);
    expect((await world.items('imports')).map((item) => [item['pk']?.S, item[expiryAttribute]?.N])).toStrictEqual([['answer#a', '17']]);
    await world.close();
  });

  test('a table that is missing is told as such', async () => {
    const world = await DynamoWorld.of(local());
    const keys = new DynamoIdempotencyKeys(world.db, 'nowhere');
    await expect(keys.find('a', 0)).rejects.toThrow(KeysUnavailable);
    await expect(keys.keep('a', { ...answer, at: 1 }, 0)).rejects.toMatchObject({ message: expect.stringContaining('nowhere') });
    await world.close();
  });
});
