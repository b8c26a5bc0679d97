import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { DynamoDatabase } from '../../../src/adapters/dynamodb/database.ts';
import { DynamoImportLedger } from '../../../src/adapters/dynamodb/import-ledger.ts';
import { DynamoUserDirectory } from '../../../src/adapters/dynamodb/user-directory.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryIds } from '../../../src/adapters/memory/ids.ts';
import type { BatchResult, Outcome } from '../../../src/ports/import-ledger.ts';
import { LedgerUnavailable } from '../../../src/ports/import-ledger.ts';
import { batchOf, recordOf } from '../../contracts/batches.ts';
import { upTo } from '../../contracts/world.ts';
import { ScriptedEndpoint, type Reply, type Request } from './endpoint.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld } from './world.ts';

onDynamoDBLocal((local) => {
  const ledgerOn = async () => {
    const world = await DynamoWorld.of(local(), 'imports');
    return { world, imports: new DynamoImportLedger(world.db, world.names.imports, world.ids) };
  };

  test('more results than a transaction takes are recorded in several, and count once however they come again', async () => {
    const { world, imports } = await ledgerOn();
    const results = upTo(300).map((n) => resultOf(n % 3 === 0 ? 'import-a' : 'import-b', n, ['inserted']));
    await imports.record(results.filter((_, index) => index % 7 === 0));
    await imports.record(results);
    await imports.record([...results, resultOf('import-a', 1_000, ['updated'])]);
    expect(await imports.progress('import-a')).toMatchObject({ batches: 101, inserted: 100, updated: 1 });
    expect(await imports.progress('import-b')).toMatchObject({ batches: 200, inserted: 200 });
    await world.close();
  });

  test('rejections of the largest rows are spread over items, and come back by row', async () => {
    const { world, imports } = await ledgerOn();
    const cells = [`"${'x\n'.repeat(20_000)}`];
    const large = (firstRow: number): BatchResult => ({
      importId: 'import-a',
      firstRow,
      outcomes: upTo(16).map(() => 'rejected'),
      rejections: upTo(16).map((n) => rejectionOf(firstRow + n - 1, cells)),
    });
    await imports.record(upTo(6).map((n) => large(n * 100)));
    const items = await world.items('imports');
    const sizes = items.map((item) => Buffer.byteLength(item['rejections']?.S ?? ''));
    expect(Math.max(...sizes)).toBeLessThan(400_000);
    expect(Math.max(...sizes)).toBeGreaterThan(150_000);
    const rows: number[] = [];
    for (;;) {
      const page = await imports.rejections('import-a', rows.at(-1) ?? 0, 25);
      if (page.length === 0) break;
      for (const rejection of page) expect(rejection).toStrictEqual(rejectionOf(rejection.row, cells));
      rows.push(...page.map(({ row }) => row));
    }
    expect(rows).toStrictEqual(upTo(6).flatMap((n) => upTo(16).map((m) => n * 100 + m - 1)));
    await world.close();
  });

  test('small rejections lie together', async () => {
    const { world, imports } = await ledgerOn();
    const rejections = upTo(500).map((n) => rejectionOf(501 - n, [`cell ${n}`]));
    await imports.record([{ importId: 'import-a', firstRow: 1, outcomes: upTo(500).map(() => 'rejected'), rejections }]);
    expect((await world.items('imports')).filter((item) => item['rejections'])).toHaveLength(1);
    expect((await imports.rejections('import-a', 0, 1_000)).map(({ row }) => row)).toStrictEqual(upTo(500));
    await world.close();
  });

  test('the outcomes of a large batch are one letter a row', async () => {
    const { world, imports } = await ledgerOn();
    await imports.record([resultOf('import-a', 1, Array<Outcome>(50_000).fill('duplicate'))]);
    expect((await world.items('imports')).map((item) => item['outcomes']?.S?.length ?? 0)).toContain(50_000);
    expect(await imports.outcomes('import-a', 49_999, 10)).toStrictEqual([
      { row: 49_999, outcome: 'duplicate' },
      { row: 50_000, outcome: 'duplicate' },
    ]);
    await world.close();
  });

  test('a user whom no key can name is nobody', async () => {
    const world = await DynamoWorld.of(local(), 'users');
    const users = new DynamoUserDirectory(world.db, world.names.users);
    await users.store([batchOf([recordOf(1, 'a@example.com')])]);
    expect((await users.find(['', 'ü'.repeat(1_025), 'a@example.com'])).map((user) => user?.key)).toStrictEqual([
      undefined,
      undefined,
      'a@example.com',
    ]);
    await world.close();
  });

  test('a record that is larger than an item may be is refused for good, and the others of its call are kept', async () => {
    const world = await DynamoWorld.of(local(), 'users');
    const users = new DynamoUserDirectory(world.db, world.names.users);
    const large = recordOf(2, 'b@example.com', { name: 'x'.repeat(410_000) });
    await expect(users.store([batchOf([recordOf(1, 'a@example.com'), large])])).rejects.toMatchObject({ name: 'ValidationError' });
    expect((await world.items('users')).map((item) => item['key']?.S)).toStrictEqual(['a@example.com']);
    await world.close();
  });
});

describe('a transaction that DynamoDB cancels', () => {
  /** Records one result on an endpoint that gives these reasons for cancelling, as long as there are some. */
  const recordOn = async (reasons: readonly (readonly string[])[]) => {
    const script = [...reasons];
    const endpoint = await ScriptedEndpoint.start((): Reply => {
      const codes = script.shift();
      return codes
        ? { status: 400, error: 'TransactionCanceledException', more: { CancellationReasons: codes.map((Code) => ({ Code })) } }
        : {};
    });
    const client = new DynamoDBClient(endpoint.settings);
    const clock = new MemoryClock();
    const db = new DynamoDatabase(client, { clock: { now: () => clock.now(), sleep: async () => undefined }, random: { next: () => 0 } });
    const result = new DynamoImportLedger(db, 'imports', new MemoryIds()).record([resultOf('import-a', 1, ['inserted'])]);
    const failure: unknown = await result.then(
      () => undefined,
      (error: unknown) => error,
    );
    client.destroy();
    await endpoint.stop();
    return { failure, requests: endpoint.requests };
  };
  const kinds = ({ input }: Request) => (input['TransactItems'] as readonly object[]).flatMap((item) => Object.keys(item));

  test.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])('for %s is tried again whole', async (code) => {
    const { failure, requests } = await recordOn([
      ['None', 'None', code],
      ['None', code, 'None'],
    ]);
    expect(failure).toBeUndefined();
    expect(requests.map(kinds)).toStrictEqual(upTo(3).map(() => ['Put', 'Delete', 'Update']));
  });

  test('for a result that was kept before is tried again without it and its counts', async () => {
    const { failure, requests } = await recordOn([['ConditionalCheckFailed', 'None', 'None']]);
    expect(failure).toBeUndefined();
    expect(requests.map(kinds)).toStrictEqual([['Put', 'Delete', 'Update'], ['Delete']]);
  });

  test('over and over is a ledger that is not available', async () => {
    const { failure } = await recordOn(upTo(20).map(() => ['None', 'None', 'TransactionConflict']));
    expect(failure).toBeInstanceOf(LedgerUnavailable);
    expect(failure).toMatchObject({ message: expect.stringMatching(/Too many write to one item of the table imports/) });
  });

  test('for a request that is wrong is no matter of trying again', async () => {
    const { failure, requests } = await recordOn([['ValidationError', 'None', 'None']]);
    expect(failure).toMatchObject({ name: 'ValidationError' });
    expect(requests).toHaveLength(1);
  });
});

function resultOf(importId: string, firstRow: number, outcomes: readonly Outcome[]): BatchResult {
  return { importId, firstRow, outcomes, rejections: [] };
}

function rejectionOf(row: number, cells: readonly string[]) {
  return { row, line: row + 1, column: 'email', code: 'invalid-address', reason: 'This is not an address.', cells, cut: false };
}
