import type { Telemetry } from '../../../ports/telemetry.ts';
import type { FunctionConfig } from '../../config.ts';
import type { World } from '../tokens.ts';
import { queuesModule } from './queues.ts';
import { rowsModule } from './rows.ts';
import { awsSystemModule } from './system.ts';
import { tablesModule } from './tables.ts';
import { uploadsModule } from './uploads.ts';
import { worldOf } from './world.ts';

/** The world of the function process-csv: uploads in, batches out. */
export function processCsvWorld(config: FunctionConfig<'process-csv'>, telemetry: Telemetry): World {
  const { uploadsBucket, uploadsQueue, recordsQueue, uploadsDeadLetters, importsTable } = config;
  return worldOf(
    awsSystemModule(telemetry),
    queuesModule({ queues: { uploads: uploadsQueue, records: recordsQueue }, deadLetters: { uploads: uploadsDeadLetters } }),
    tablesModule({ imports: importsTable }),
    uploadsModule(uploadsBucket),
    rowsModule(),
  );
}
