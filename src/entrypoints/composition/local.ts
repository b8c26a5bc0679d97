import { Container, type ContainerModule } from 'inversify';
import type { SqliteDatabase } from '../../adapters/sqlite/database.ts';
import type { BatchLimits } from '../../domain/user-import/plan-reading.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { csvModule } from './csv.ts';
import { sqliteModule } from './sqlite.ts';
import { insertRecordsModule, processCsvModule } from './stages.ts';
import { systemModule } from './system.ts';
import type { World } from './tokens.ts';

/** Batches of one process: large, since no service bills them by size. */
export const localLimits: BatchLimits = { rows: 1_000, bytes: 512 * 1024 };

/** Where uploads that came as a stream are kept until they are read: beside the database. */
export function spoolFolder(databaseFile: string): string {
  return `${databaseFile}-uploads`;
}

/** The world of one process and one database file. Without `mail` (see `mailModule`, which loads much), welcomes wait. */
export function localWorld(db: SqliteDatabase, telemetry: Telemetry, mail?: ContainerModule): World {
  const container = new Container();
  container.load(
    systemModule(telemetry),
    csvModule(spoolFolder(db.file)),
    sqliteModule(db),
    processCsvModule(localLimits),
    insertRecordsModule(),
  );
  if (mail) container.load(mail);
  return container;
}
