import { expect, test } from '@jest/globals';
import type { DynamoDatabase } from '../../../src/adapters/dynamodb/database.ts';
import { DynamoImportLedger } from '../../../src/adapters/dynamodb/import-ledger.ts';
import { DynamoUserDirectory } from '../../../src/adapters/dynamodb/user-directory.ts';
import { DynamoWelcomeLedger } from '../../../src/adapters/dynamodb/welcome-ledger.ts';
import type { ImportHead } from '../../../src/ports/import-ledger.ts';
import { batchOf, recordsOf } from '../../contracts/batches.ts';
import { upTo } from '../../contracts/world.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld } from './world.ts';

onDynamoDBLocal((local) => {
  /** A world whose client loses the first answer of each kind of request, after it was done, and so asks again. */
  const forgetful = async () => {
    const world = await DynamoWorld.of(local(), 'users', 'imports', 'welcomes');
    const db = world.connect({ maxAttempts: 3 });
    return { world, db, lost: loseFirstAnswers(db) };
  };

  test('users that were inserted by a request without an answer were made by its rows', async () => {
    const { world, db, lost } = await forgetful();
    const users = new DynamoUserDirectory(db, world.names.users);
    expect(await users.store([batchOf(recordsOf(20))])).toStrictEqual([upTo(20).map(() => 'this')]);
    expect(lost).toContain('BatchExecuteStatementCommand');
    await world.close();
  });

  test('a claim that was written by a request without an answer is held by who asked', async () => {
    const { world, db, lost } = await forgetful();
    const welcomes = new DynamoWelcomeLedger(db, world.names, world);
    const claim = {
      userId: 'u',
      importId: 'i',
      revision: 0,
      state: 'claimed',
      token: 't',
      leaseUntil: 9,
      attempts: 0,
      uncertainSends: 0,
      at: 1,
    } as const;
    expect(await welcomes.replace([claim])).toStrictEqual([{ written: true, kept: { ...claim, revision: 1 } }]);
    expect(lost).toContain('BatchExecuteStatementCommand');
    await world.close();
  });

  test('so is a confirmation, and what another one writes then is another one’s', async () => {
    const { world, db, lost } = await forgetful();
    const sober = new DynamoWelcomeLedger(world.db, world.names, world);
    const welcomes = new DynamoWelcomeLedger(db, world.names, world);
    const record = { userId: 'u', importId: 'i', revision: 0, state: 'waiting', attempts: 0, uncertainSends: 0, at: 1 } as const;
    await sober.replace([record]);
    const sent = { ...record, revision: 1, state: 'sent' } as const;
    expect(await welcomes.replace([sent])).toStrictEqual([{ written: true, kept: { ...sent, revision: 2 } }]);
    expect(lost).toContain('BatchExecuteStatementCommand');
    expect(await sober.replace([sent])).toStrictEqual([{ written: false, kept: { ...sent, revision: 2 } }]);
    await world.close();
  });

  test('a head, its creation and the counts of results are written once', async () => {
    const { world, db, lost } = await forgetful();
    const imports = new DynamoImportLedger(db, world.names.imports, world.ids);
    const head = headOf('import-a');
    expect(await imports.create(head)).toStrictEqual(head);
    expect(await imports.replace({ ...head, state: 'read' })).toBe(true);
    lost.length = 0;
    await imports.record([{ importId: 'import-a', firstRow: 1, outcomes: ['inserted', 'rejected'], rejections: [] }]);
    expect(await imports.progress('import-a')).toMatchObject({ batches: 1, inserted: 1, rejected: 1 });
    await world.close();
  });

  test('results that were recorded by a request without an answer count once', async () => {
    const { world, db, lost } = await forgetful();
    const imports = new DynamoImportLedger(db, world.names.imports, world.ids);
    const result = { importId: 'import-a', firstRow: 1, outcomes: ['inserted', 'duplicate'], rejections: [] } as const;
    await imports.record([result]);
    expect(lost).toContain('TransactWriteItemsCommand');
    expect(await imports.progress('import-a')).toMatchObject({ batches: 1, inserted: 1, duplicates: 1 });
    await world.close();
  });
});

/** @returns the kinds of requests whose first answer was lost so far */
function loseFirstAnswers(db: DynamoDatabase): string[] {
  const lost: string[] = [];
  db.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const answer = await next(args);
        if (lost.includes(commandName)) return answer;
        lost.push(commandName);
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
    { step: 'deserialize', priority: 'high' },
  );
  return lost;
}

function headOf(id: string): ImportHead {
  return {
    id,
    revision: 0,
    upload: { identity: 'sha256:00', location: 'people.csv', name: 'people.csv', size: 1 },
    options: { map: {}, keep: [], onExisting: 'skip' },
    welcome: true,
    createdAt: 1_000,
    state: 'reading',
  };
}
