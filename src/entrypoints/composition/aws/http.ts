import { ContainerModule } from 'inversify';
import { CsvRowReader } from '../../../adapters/csv/row-reader.ts';
import { DynamoIdempotencyKeys } from '../../../adapters/dynamodb/idempotency-keys.ts';
import { DynamoWelcomeCounts } from '../../../adapters/dynamodb/welcome-counts.ts';
import { HapiAddressSyntax } from '../../../adapters/hapi-address/address-syntax.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { WelcomeLedger } from '../../../ports/welcome-ledger.ts';
import type { FunctionConfig } from '../../config.ts';
import { tokens, type World } from '../tokens.ts';
import { placesModules } from './command.ts';
import { database } from './tables.ts';
import { worldOf } from './world.ts';

/** Nobody waits longer for welcomes to be counted, in milliseconds: a gateway waits 30 seconds for an answer. */
const countMs = 10_000;

/** The world of the function http: requests in, uploads, batches and redrives out. */
export function httpFunctionWorld(config: FunctionConfig<'http'>, telemetry: Telemetry): World {
  return worldOf(...placesModules(config, telemetry), requestsModule(config));
}

/** What requests need beside the places. A list of imports tells the welcomes of each: so all are counted together. */
function requestsModule({ importsTable, welcomesTable }: FunctionConfig<'http'>): ContainerModule {
  return new ContainerModule(({ bind, onActivation }) => {
    bind(tokens.rows).toConstantValue(new CsvRowReader());
    bind(tokens.syntax).toConstantValue(new HapiAddressSyntax());
    // What SQS took is durable, and it takes everything.
    bind(tokens.acceptedRecords).toService(tokens.records);
    bind(tokens.keys)
      .toResolvedValue((db) => new DynamoIdempotencyKeys(db, importsTable), [database])
      .inSingletonScope();
    onActivation(tokens.welcomeLedger, (context, ledger): WelcomeLedger => {
      const counts = new DynamoWelcomeCounts(context.get(database), welcomesTable, context.get(tokens.clock), countMs);
      return {
        replace: (records) => ledger.replace(records),
        find: (users) => ledger.find(users),
        totals: (importId) => (importId === undefined ? ledger.totals() : counts.totals(importId)),
        keepChannel: (kind) => ledger.keepChannel(kind),
        channel: () => ledger.channel(),
      };
    });
  });
}
