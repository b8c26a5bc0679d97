import type { Telemetry } from '../../../ports/telemetry.ts';
import type { FunctionConfig } from '../../config.ts';
import { insertRecordsModule } from '../stages.ts';
import type { World } from '../tokens.ts';
import { queuesModule } from './queues.ts';
import { awsSystemModule } from './system.ts';
import { tablesModule } from './tables.ts';
import { worldOf } from './world.ts';

/** The world of the function insert-records: batches in, users and results out. */
export function insertRecordsWorld(config: FunctionConfig<'insert-records'>, telemetry: Telemetry): World {
  const { recordsDeadLetters, usersTable, importsTable } = config;
  return worldOf(
    awsSystemModule(telemetry),
    queuesModule({ queues: {}, deadLetters: { records: recordsDeadLetters } }),
    tablesModule({ users: usersTable, imports: importsTable }),
    insertRecordsModule(),
  );
}
