import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { afterEach, describe, expect, test } from '@jest/globals';
import { userOf } from '../../../src/adapters/dynamodb/user-item.ts';
import { DynamoStreamUserFeed } from '../../../src/adapters/dynamodb-stream/user-feed.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryIds } from '../../../src/adapters/memory/ids.ts';
import { MemoryTelemetry } from '../../../src/adapters/memory/telemetry.ts';
import { DirectoryUnavailable } from '../../../src/ports/user-directory.ts';
import { ScriptedEndpoint, type Reply } from '../dynamodb/endpoint.ts';

describe('failures of a stream become those of the port', () => {
  let close: () => Promise<void> = async () => undefined;
  afterEach(() => close());

  /** A feed on an endpoint with an answer for each kind of request. */
  const feedOn = async (answers: Record<string, Reply>) => {
    const endpoint = await ScriptedEndpoint.start(({ operation }) => ({ ...well, ...answers })[operation] ?? {});
    const tables = new DynamoDBClient(endpoint.settings);
    const streams = new DynamoDBStreamsClient(endpoint.settings);
    close = async () => {
      tables.destroy();
      streams.destroy();
      await endpoint.stop();
    };
    const ports = { clock: new MemoryClock(), ids: new MemoryIds(), telemetry: new MemoryTelemetry(), userOf };
    const options = { users: 'the-users', imports: 'the-imports', leaseMs: 60_000, lookMs: 1_000 };
    return { feed: new DynamoStreamUserFeed({ tables, streams }, ports, options), endpoint, answers };
  };
  const well: Record<string, Reply> = {
    DescribeTable: { Table: { LatestStreamArn: 'arn:the-stream', StreamSpecification: { StreamEnabled: true } } },
    DescribeStream: { StreamDescription: { Shards: [{ ShardId: 'one' }] } },
    GetShardIterator: { ShardIterator: 'somewhere' },
    GetRecords: { Records: [], NextShardIterator: 'further' },
  };

  test.each<[string, Record<string, Reply>, RegExp, RegExp]>([
    [
      'a table without a stream',
      { DescribeTable: { Table: { StreamSpecification: { StreamEnabled: false }, LatestStreamArn: 'arn:an-old-one' } } },
      /the-users has no stream/,
      /NEW_IMAGE/,
    ],
    [
      'a table that is missing',
      { DescribeTable: { status: 400, error: 'ResourceNotFoundException' } },
      /no table the-users/,
      /terraform apply/,
    ],
    [
      'access denied',
      {
        GetRecords: {
          status: 400,
          error: 'AccessDeniedException',
          message: 'is not authorized to perform: dynamodb:GetRecords on resource',
        },
      },
      /Access to the table the-users or to its stream is denied/,
      /Allow dynamodb:GetRecords/,
    ],
    ['a wrong key', { GetItem: { status: 400, error: 'UnrecognizedClientException' } }, /credentials/, /expired/],
    ['too many readers', { GetRecords: { status: 400, error: 'LimitExceededException' } }, /is throttled/, /two may read/],
    [
      'an inner error',
      { DescribeStream: { status: 500, error: 'InternalServerError' } },
      /did not answer for the table the-users/,
      /region/,
    ],
    ['a connection that ends', { GetShardIterator: 'hang-up' }, /did not answer for the table the-users/, /network/],
    ['records that go while they are read', { GetRecords: { status: 400, error: 'TrimmedDataAccessException' } }, /took too long/, /sweep/],
  ])('%s', async (_, answers, message, hint) => {
    const { feed } = await feedOn(answers);
    const error: unknown = await feed.receive(10, 0).then(
      () => undefined,
      (raised: unknown) => raised,
    );
    expect(error).toBeInstanceOf(DirectoryUnavailable);
    expect(error).toMatchObject({ message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
  });

  test('what DynamoDB finds wrong with a request goes through as it is', async () => {
    const { feed } = await feedOn({ GetItem: { status: 400, error: 'ValidationException', message: 'wrong' } });
    await expect(feed.depth()).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(feed.advance({ users: [], cursor: 'x' })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('after its stream went, the feed asks the table for the one that it has now', async () => {
    const { feed, answers, endpoint } = await feedOn({ DescribeStream: { status: 400, error: 'ResourceNotFoundException' } });
    await expect(feed.receive(10, 0)).rejects.toMatchObject({ code: 'directory-unavailable' });
    delete answers['DescribeStream'];
    expect((await feed.receive(10, 0)).users).toStrictEqual([]);
    await feed.receive(10, 0);
    expect(endpoint.requests.filter(({ operation }) => operation === 'DescribeTable')).toHaveLength(2);
  });
});
