import { PutItemCommand, type AttributeValue, type ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { DynamoImportLedger } from '../../../src/adapters/dynamodb/import-ledger.ts';
import { DynamoUserDirectory } from '../../../src/adapters/dynamodb/user-directory.ts';
import { DynamoWelcomeLedger } from '../../../src/adapters/dynamodb/welcome-ledger.ts';
import type { WelcomeRecord } from '../../../src/ports/welcome-ledger.ts';
import { batchOf, keyOf, recordOf } from '../../contracts/batches.ts';
import { present, upTo } from '../../contracts/world.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld } from './world.ts';

/** As many users as a records message of some hundred kilobytes holds, and as many as a message of welcomes does. */
const people = 1_500;
const recipients = 50;

onDynamoDBLocal((local) => {
  test('a user name,email costs 3 write units in its whole life, and the accounting of its batch', async () => {
    const world = await DynamoWorld.of(local(), 'users', 'imports', 'welcomes');
    const meter = meterOf(world);
    const users = new DynamoUserDirectory(world.db, world.names.users);
    const imports = new DynamoImportLedger(world.db, world.names.imports, world.ids);
    const welcomes = new DynamoWelcomeLedger(world.db, world.names, world);
    const importId = world.ids.derived('an import');

    const records = upTo(people).map((row) =>
      recordOf(row, keyOf(row, 'maximiliane.mustermann'), {
        address: keyOf(row, 'Maximiliane.Mustermann'),
        name: 'Maximiliane Mustermann',
      }),
    );
    await users.store([batchOf(records, { importId, importedAt: 1_800_000_000_000 })]);
    await imports.record([{ importId, firstRow: 1, outcomes: upTo(people).map(() => 'inserted'), rejections: [] }]);
    for (let first = 0; first < people; first += recipients) {
      const wave = records.slice(first, first + recipients);
      const claims = wave.map(({ key }) => claimOf(world.ids.derived(key), importId, world.ids.fresh()));
      const claimed = await welcomes.replace(claims);
      await welcomes.replace(claimed.map(({ kept }) => ({ ...present(kept), state: 'sent' })));
    }

    // DynamoDB Local tells no capacity of statements: each writes an item, and what that costs is what putting the same item costs.
    const unitsOfUser = await unitsToPut(world, 'users');
    const unitsOfWelcome = await unitsToPut(world, 'welcomes');
    expect([unitsOfUser, unitsOfWelcome]).toStrictEqual([1, 1]);
    expect(meter.statements).toBe(3 * people);
    const units = (meter.statements + meter.units) / people;
    expect(meter.units).toBeGreaterThan(0);
    expect(units).toBeGreaterThan(3);
    expect(units).toBeLessThan(3.01);
    await world.close();
  });
});

/** Counts the statements, and the write units of all other requests. */
function meterOf({ db }: DynamoWorld): { statements: number; units: number } {
  const meter = { statements: 0, units: 0 };
  db.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const input = args.input as { readonly Statements?: readonly unknown[] };
        meter.statements += input.Statements?.length ?? 0;
        const isWrite = commandName !== undefined && /^(Transact|Put|Update|Delete)/.test(commandName);
        const answer = await next(isWrite ? { ...args, input: { ...input, ReturnConsumedCapacity: 'TOTAL' } } : args);
        const { ConsumedCapacity: consumed = [] } = answer.output as { readonly ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] };
        if (isWrite) meter.units += [consumed].flat().reduce((sum, { CapacityUnits: some = 0 }) => sum + some, 0);
        return answer;
      },
    { step: 'initialize' },
  );
  return meter;
}

/** What it costs to put the largest item of a table. */
async function unitsToPut(world: DynamoWorld, table: 'users' | 'welcomes'): Promise<number> {
  const size = (item: Record<string, AttributeValue>) => JSON.stringify(item).length;
  const [largest] = [...(await world.items(table))].sort((a, b) => size(b) - size(a));
  const { client } = world.connect();
  const { ConsumedCapacity: consumed } = await client.send(
    new PutItemCommand({ TableName: world.names[table], Item: largest, ReturnConsumedCapacity: 'TOTAL' }),
  );
  return consumed?.CapacityUnits ?? Number.NaN;
}

function claimOf(userId: string, importId: string, token: string): WelcomeRecord {
  const times = { leaseUntil: 1_800_000_060_000, at: 1_800_000_000_000 };
  return { userId, importId, revision: 0, state: 'claimed', token, attempts: 0, uncertainSends: 0, ...times };
}
