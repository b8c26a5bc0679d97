import { ContainerModule } from 'inversify';
import { HapiAddressSyntax } from '../../../adapters/hapi-address/address-syntax.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { FunctionConfig } from '../../config.ts';
import { tokens, type World } from '../tokens.ts';
import { queuesModule } from './queues.ts';
import { awsSystemModule } from './system.ts';
import { tablesModule } from './tables.ts';
import { worldOf } from './world.ts';

/** The world of the function generate-users: nothing in, batches out. */
export function generateUsersWorld({ recordsQueue, importsTable }: FunctionConfig<'generate-users'>, telemetry: Telemetry): World {
  return worldOf(
    awsSystemModule(telemetry),
    queuesModule({ queues: { records: recordsQueue }, deadLetters: {} }),
    tablesModule({ imports: importsTable }),
    new ContainerModule(({ bind }) => {
      bind(tokens.syntax).toConstantValue(new HapiAddressSyntax());
    }),
  );
}
