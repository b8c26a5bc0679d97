import { ContainerModule } from 'inversify';
import type { BatchLimits } from '../../domain/user-import/plan-reading.ts';
import { insertRecordsStage } from '../stages/insert-records.ts';
import { processCsvStage } from '../stages/process-csv.ts';
import { tokens } from './tokens.ts';

/** process-csv, for whoever reads. */
export function processCsvModule(limits: BatchLimits): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.processCsv)
      .toResolvedValue(
        (imports, uploads, rows, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids, random) =>
          processCsvStage(
            { imports, uploads, rows, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids, random },
            { limits },
          ),
        [
          tokens.imports,
          tokens.uploads,
          tokens.rows,
          tokens.syntax,
          tokens.records,
          tokens.uploadQueue,
          tokens.uploadCodec,
          tokens.deadLetters,
          tokens.clock,
          tokens.ids,
          tokens.random,
        ],
      )
      .inSingletonScope();
  });
}

/** insert-records, for whoever has the users. */
export function insertRecordsModule(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.insertRecords)
      .toResolvedValue(
        (users, imports, recordsCodec, deadLetters, clock, ids, random) =>
          insertRecordsStage({ users, imports, recordsCodec, deadLetters, clock, ids, random }),
        [tokens.users, tokens.imports, tokens.recordsCodec, tokens.deadLetters, tokens.clock, tokens.ids, tokens.random],
      )
      .inSingletonScope();
  });
}
