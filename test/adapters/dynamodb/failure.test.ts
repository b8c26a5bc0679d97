import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, test } from '@jest/globals';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { DynamoDatabase } from '../../../src/adapters/dynamodb/database.ts';
import { DynamoImportLedger } from '../../../src/adapters/dynamodb/import-ledger.ts';
import { DynamoUserDirectory } from '../../../src/adapters/dynamodb/user-directory.ts';
import { DynamoWelcomeLedger } from '../../../src/adapters/dynamodb/welcome-ledger.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryIds } from '../../../src/adapters/memory/ids.ts';
import { MemoryRandom } from '../../../src/adapters/memory/random.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import { LedgerUnavailable } from '../../../src/ports/import-ledger.ts';
import { DirectoryUnavailable } from '../../../src/ports/user-directory.ts';
import { batchOf, recordOf } from '../../contracts/batches.ts';
import { ScriptedEndpoint, type Reply } from './endpoint.ts';

describe('failures of DynamoDB become those of the ports', () => {
  let close: () => Promise<void> = async () => undefined;
  afterEach(() => close());

  /** The adapters on an endpoint that gives every request the same answer. */
  const adaptersOn = async (reply: Reply, settings: DynamoDBClientConfig = {}) => {
    const endpoint = await ScriptedEndpoint.start(() => reply);
    const client = new DynamoDBClient({ ...endpoint.settings, ...settings });
    close = async () => {
      client.destroy();
      await endpoint.stop();
    };
    const db = new DynamoDatabase(client, { clock: new MemoryClock(), random: new MemoryRandom(1) });
    const tables = { welcomes: 'the-welcomes', imports: 'the-imports' };
    return {
      users: new DynamoUserDirectory(db, 'the-users'),
      imports: new DynamoImportLedger(db, 'the-imports', new MemoryIds()),
      welcomes: new DynamoWelcomeLedger(db, tables, { ids: new MemoryIds(), clock: new SystemClock() }),
    };
  };
  const failureOf = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => undefined,
      (error: unknown) => error,
    );

  const denied = 'User: arn:aws:sts::1:assumed-role/insert is not authorized to perform: dynamodb:PartiQLInsert on resource: the-users';
  test.each<[string, Reply, RegExp, RegExp]>([
    [
      'access denied',
      { status: 400, error: 'AccessDeniedException', message: denied },
      /denies access to the table the-users/,
      /Allow dynamodb:PartiQLInsert/,
    ],
    ['a table that is missing', { status: 400, error: 'ResourceNotFoundException' }, /has no table the-users/, /terraform apply/],
    ['throttling', { status: 400, error: 'ThrottlingException' }, /throttles the table the-users/, /capacity/],
    ['throughput', { status: 400, error: 'ProvisionedThroughputExceededException' }, /throttles the table the-users/, /capacity/],
    ['a wrong key', { status: 400, error: 'UnrecognizedClientException' }, /credentials/, /expired/],
    ['an expired token', { status: 400, error: 'ExpiredTokenException' }, /credentials/, /clock/],
    ['an inner error', { status: 500, error: 'InternalServerError' }, /did not answer for the table the-users/, /region/],
    ['a 503 of nobody', { status: 503, error: 'Whatever' }, /did not answer for the table the-users/, /region/],
    ['a connection that ends', 'hang-up', /did not answer for the table the-users/, /network/],
  ])('%s', async (_, reply, message, hint) => {
    const { users } = await adaptersOn(reply);
    const error = await failureOf(users.store([batchOf([recordOf(1, 'a@example.com')])]));
    expect(error).toBeInstanceOf(DirectoryUnavailable);
    expect(error).toMatchObject({
      retryable: true,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
      cause: expect.anything(),
    });
  });

  test('a time-out', async () => {
    const { users } = await adaptersOn('silence', {
      requestHandler: new NodeHttpHandler({ requestTimeout: 20, throwOnRequestTimeout: true }),
    });
    expect(await failureOf(users.count())).toMatchObject({
      code: 'directory-unavailable',
      message: expect.stringMatching(/did not answer.*Timeout/),
    });
  });

  test('nobody at the address', async () => {
    const { users } = await adaptersOn('silence');
    await close();
    close = async () => undefined;
    expect(await failureOf(users.find(['a@example.com']))).toMatchObject({
      code: 'directory-unavailable',
      message: expect.stringMatching(/did not answer.*ECONNREFUSED/),
    });
  });

  test('the ledgers raise their own, with the name of their table', async () => {
    const { imports, welcomes } = await adaptersOn({ status: 500, error: 'InternalServerError' });
    const record = { userId: 'u', importId: 'i', revision: 0, state: 'waiting', attempts: 0, uncertainSends: 0, at: 1 } as const;
    const failures = [
      [() => imports.find('i'), 'the-imports'],
      [() => imports.record([{ importId: 'i', firstRow: 1, outcomes: ['inserted'], rejections: [] }]), 'the-imports'],
      [() => imports.clearFailure('i', 1), 'the-imports'],
      [() => welcomes.replace([record]), 'the-welcomes'],
      [() => welcomes.totals(), 'the-welcomes'],
      [() => welcomes.channel(), 'the-imports'],
    ] as const;
    for (const [call, table] of failures) {
      const error = await failureOf(call());
      expect(error).toBeInstanceOf(LedgerUnavailable);
      expect(error).toMatchObject({ message: expect.stringContaining(table) });
    }
  });

  test.each([
    ['AccessDenied', /denies access/],
    ['ResourceNotFound', /has no table/],
  ])('one statement of many with %s', async (Code, message) => {
    const { users } = await adaptersOn({ Responses: [{ Error: { Code, Message: 'no' } }] });
    const error = await failureOf(users.store([batchOf([recordOf(1, 'a@example.com')])]));
    expect(error).toBeInstanceOf(DirectoryUnavailable);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  test('what DynamoDB finds wrong with a request is no matter of trying again', async () => {
    const { users, imports } = await adaptersOn({ status: 400, error: 'ValidationException', message: 'Item size has exceeded' });
    for (const call of [users.store([batchOf([recordOf(1, 'a@example.com')])]), imports.find('i')]) {
      expect(await failureOf(call)).toMatchObject({ name: 'ValidationException', message: 'Item size has exceeded' });
    }
  });

  test('a statement that DynamoDB finds wrong, too', async () => {
    const { users } = await adaptersOn({ Responses: [{ Error: { Code: 'ValidationError', Message: 'Item size has exceeded' } }] });
    expect(await failureOf(users.store([batchOf([recordOf(1, 'a@example.com')])]))).toMatchObject({ name: 'ValidationError' });
  });

  test('an answer that is short of a statement is no success', async () => {
    const { users } = await adaptersOn({ Responses: [{}] });
    const error = await failureOf(users.store([batchOf([recordOf(1, 'a@example.com'), recordOf(2, 'b@example.com')])]));
    expect(error).toBeInstanceOf(DirectoryUnavailable);
  });
});
