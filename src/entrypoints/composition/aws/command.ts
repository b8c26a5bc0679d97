import { ContainerModule } from 'inversify';
import { CsvRowWriter } from '../../../adapters/csv/row-writer.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { AwsConfig } from '../../config.ts';
import { tokens, type World } from '../tokens.ts';
import { queuesModule } from './queues.ts';
import { awsSystemModule } from './system.ts';
import { tablesModule } from './tables.ts';
import { uploadsModule } from './uploads.ts';
import { worldOf } from './world.ts';

/** What has to be known of a stack to look into it, and to bring uploads. */
export type StackPlaces = Omit<AwsConfig, 'from' | 'configurationSet' | 'legSeconds'>;

/** The world of the command on AWS: it looks, uploads and redrives; the functions work. */
export function commandWorld(places: StackPlaces, telemetry: Telemetry): World {
  return worldOf(...placesModules(places, telemetry));
}

/** All durable places of a stack. */
export function placesModules(places: StackPlaces, telemetry: Telemetry): readonly ContainerModule[] {
  return [
    awsSystemModule(telemetry),
    queuesModule({
      queues: { uploads: places.uploadsQueue, records: places.recordsQueue, welcomes: places.welcomesQueue },
      deadLetters: { uploads: places.uploadsDeadLetters, records: places.recordsDeadLetters, welcomes: places.welcomesDeadLetters },
    }),
    tablesModule({ users: places.usersTable, imports: places.importsTable, welcomes: places.welcomesTable }),
    uploadsModule(places.uploadsBucket),
    new ContainerModule(({ bind }) => {
      bind(tokens.rowWriter).toConstantValue(new CsvRowWriter());
    }),
  ];
}
