import { PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { DynamoImportLedger } from '../../../src/adapters/dynamodb/import-ledger.ts';
import { ItemMalformed } from '../../../src/adapters/dynamodb/item.ts';
import { DynamoUserDirectory, type MalformedUser } from '../../../src/adapters/dynamodb/user-directory.ts';
import { DynamoWelcomeLedger } from '../../../src/adapters/dynamodb/welcome-ledger.ts';
import { MemoryTelemetry } from '../../../src/adapters/memory/telemetry.ts';
import { sweep } from '../../../src/domain/onboarding/sweep.ts';
import { newImport } from '../../../src/domain/user-import/import.ts';
import { tellOfMalformed } from '../../../src/entrypoints/composition/aws/malformed-users.ts';
import { userIdOf } from '../../../src/domain/onboarding/user-id.ts';
import type { User, WelcomeMessage } from '../../../src/ports/vocabulary.ts';
import { batchOf, keyOf, recordsOf } from '../../contracts/batches.ts';
import { upTo } from '../../contracts/world.ts';
import { noOptions } from '../../domain/plain.ts';
import { MemoryWorld } from '../../domain/world.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld } from './world.ts';

/** A user as the adapter writes it, but for what is at fault. */
const whole = { name: { S: 'Name' }, importId: { S: 'import-a' }, row: { N: '1' }, version: { S: 'v' }, welcome: { BOOL: true } };
/** Items that are no users: by the attribute that is at fault. */
const faults: Readonly<Record<string, Record<string, AttributeValue>>> = {
  name: {},
  row: { ...whole, row: { S: 'first' } },
  welcome: { ...whole, welcome: { S: 'yes' } },
  attributes: { ...whole, attributes: { S: '{' } },
  importId: { name: whole.name, row: whole.row, welcome: whole.welcome },
};
const malformedKeys = Object.keys(faults).map((attribute) => `malformed-${attribute}@example.com`);

onDynamoDBLocal((local) => {
  /** Users, and among them items that are none. */
  const mixed = async (count: number) => {
    const world = await DynamoWorld.of(local(), 'users', 'imports', 'welcomes');
    await new DynamoUserDirectory(world.db, world.names.users).store([batchOf(recordsOf(count))]);
    for (const [attribute, item] of Object.entries(faults)) {
      const Item = { key: { S: `malformed-${attribute}@example.com` }, ...item };
      await world.db.client.send(new PutItemCommand({ TableName: world.names.users, Item }));
    }
    return world;
  };
  const expected = upTo(20).map((n) => keyOf(n));

  test('items that are no users are told of, and every user is listed, however short the pages', async () => {
    const world = await mixed(20);
    const told = new Map<string, MalformedUser>();
    const users = new DynamoUserDirectory(world.db, world.names.users, (found) => told.set(found.key, found));
    for (const limit of [1, 3, 100]) {
      told.clear();
      const listed: User[] = [];
      for (let page: readonly User[] = []; ; listed.push(...page)) {
        page = await users.list(limit, listed.at(-1)?.key);
        expect(page.length).toBeLessThanOrEqual(limit);
        if (page.length === 0) break;
      }
      expect(listed.map(({ key }) => key).sort()).toStrictEqual(expected);
      expect([...told.keys()].sort()).toStrictEqual([...malformedKeys].sort());
    }
    expect(told.get('malformed-row@example.com')).toMatchObject({
      table: world.names.users,
      error: {
        name: 'ItemMalformed',
        message: "The item's attribute row is missing, or no number.",
        hint: expect.stringMatching(/delete/),
      },
    });
    await world.close();
  });

  test('a directory whose words nobody hears fails instead', async () => {
    const world = await mixed(1);
    await expect(new DynamoUserDirectory(world.db, world.names.users).list(100)).rejects.toThrow(ItemMalformed);
    await world.close();
  });

  test('a sweep announces the others, and logs whose item is malformed without an address', async () => {
    const world = await mixed(20);
    const telemetry = new MemoryTelemetry();
    const memory = new MemoryWorld();
    const imports = new DynamoImportLedger(world.db, world.names.imports, world.ids);
    await imports.create(newImport('import-a', { identity: 'i', location: 'l', name: 'n', size: 1 }, noOptions, true, undefined, 1));
    await imports.record([{ importId: 'import-a', firstRow: 1, outcomes: upTo(20).map(() => 'inserted'), rejections: [] }]);
    const ports = {
      users: new DynamoUserDirectory(world.db, world.names.users, tellOfMalformed(world.ids, telemetry)),
      ledger: new DynamoWelcomeLedger(world.db, world.names, world),
      imports,
      feed: memory.feed,
      welcomes: memory.welcomes,
      welcomeSource: memory.welcomeSource,
      ids: world.ids,
      clock: world.clock,
    };
    expect(await sweep(ports)).toBe(20);
    const announced = memory.welcomes.texts().flatMap((text) => (JSON.parse(text) as WelcomeMessage).recipients);
    expect(announced.map(({ address }) => address).sort()).toStrictEqual(expected);
    const logged = telemetry.events.map(({ level, event, facts }) => ({ level, event, facts }));
    for (const key of malformedKeys) {
      const facts = { table: world.names.users, userId: userIdOf(world.ids, key) };
      expect(logged).toContainEqual({ level: 'error', event: 'user-malformed', facts });
    }
    expect(JSON.stringify(telemetry.events)).not.toContain('@');
    await world.close();
  });
});
