import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { ContainerModule } from 'inversify';
import { userOf } from '../../../adapters/dynamodb/user-item.ts';
import { DynamoStreamUserFeed } from '../../../adapters/dynamodb-stream/user-feed.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { AwsConfig } from '../../config.ts';
import { insertRecordsModule } from '../stages.ts';
import { tokens, type World } from '../tokens.ts';
import { placesModules, type StackPlaces } from './command.ts';
import { sesModule } from './mail.ts';
import { patience } from './patience.ts';
import { rowsModule } from './rows.ts';
import { scheduleModule } from './tables.ts';
import { worldOf } from './world.ts';

/** What a worker has to know of a stack. */
export type WorkerPlaces = StackPlaces & Pick<AwsConfig, 'from' | 'configurationSet'>;

/** A batch of users stays with its worker for so long, in milliseconds. */
const leaseMs = 60_000;

/**
 * How often a worker looks for new users while there are none, in milliseconds. A look is a request a shard, and a million of them cost
 * $0.20: with 4 shards, which a new table has, about $2 a month.
 */
const lookMs = 1_000;

/** The world of a worker on AWS, which does what the functions do, and reads the stream itself. Without `sends`, welcomes wait. */
export function workerWorld(places: WorkerPlaces, telemetry: Telemetry, { sends }: { readonly sends: boolean }): World {
  return worldOf(
    ...placesModules(places, telemetry),
    rowsModule(),
    insertRecordsModule(),
    feedModule(places),
    ...(sends ? [sesModule(places), scheduleModule(places.importsTable)] : []),
  );
}

function feedModule({ usersTable: users, importsTable: imports }: StackPlaces): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const clients = { tables: new DynamoDBClient({ ...patience }), streams: new DynamoDBStreamsClient({ ...patience }) };
    bind(tokens.feed)
      .toResolvedValue(
        (clock, ids, telemetry) =>
          new DynamoStreamUserFeed(clients, { clock, ids, telemetry, userOf }, { users, imports, leaseMs, lookMs }),
        [tokens.clock, tokens.ids, tokens.telemetry],
      )
      .inSingletonScope();
  });
}
