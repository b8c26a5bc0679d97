import { ContainerModule } from 'inversify';
import { CsvRowReader } from '../../../adapters/csv/row-reader.ts';
import { HapiAddressSyntax } from '../../../adapters/hapi-address/address-syntax.ts';
import { processCsvStage } from '../../stages/process-csv.ts';
import { tokens } from '../tokens.ts';
import { awsLimits } from './limits.ts';

/** Reading of rows, and process-csv over it: by its ports, for who has a deadline, and as a stage without one. */
export function rowsModule(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.rows).toConstantValue(new CsvRowReader());
    bind(tokens.syntax).toConstantValue(new HapiAddressSyntax());
    bind(tokens.processCsvPorts)
      .toResolvedValue(
        (imports, uploads, tickets, rows, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids, random) => ({
          ...{ imports, uploads, tickets, rows, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids, random },
        }),
        [
          tokens.imports,
          tokens.uploads,
          tokens.tickets,
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
    bind(tokens.processCsv)
      .toResolvedValue((ports) => processCsvStage(ports, { limits: awsLimits }), [tokens.processCsvPorts])
      .inSingletonScope();
  });
}
