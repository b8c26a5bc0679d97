import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ContainerModule, type ServiceIdentifier } from 'inversify';
import { DynamoDatabase } from '../../../adapters/dynamodb/database.ts';
import { DynamoImportLedger } from '../../../adapters/dynamodb/import-ledger.ts';
import { DynamoSendSchedule } from '../../../adapters/dynamodb/send-schedule.ts';
import { DynamoUserDirectory } from '../../../adapters/dynamodb/user-directory.ts';
import { DynamoWelcomeLedger } from '../../../adapters/dynamodb/welcome-ledger.ts';
import { tokens } from '../tokens.ts';
import { tellOfMalformed } from './malformed-users.ts';
import { patience } from './patience.ts';

/** Names of tables: those that are used. */
export interface TableNames {
  readonly users?: string;
  readonly imports?: string;
  readonly welcomes?: string;
}

/** The way to DynamoDB: for what else lies in these tables. */
export const database = Symbol.for('rollcall.database') as ServiceIdentifier<DynamoDatabase>;

/** Users, imports and welcomes in DynamoDB; those without a table are left out. */
export function tablesModule({ users, imports, welcomes }: TableNames): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(database)
      .toResolvedValue(
        (clock, random) => new DynamoDatabase(new DynamoDBClient({ ...patience }), { clock, random }),
        [tokens.clock, tokens.random],
      )
      .inSingletonScope();
    if (users !== undefined)
      bind(tokens.users)
        .toResolvedValue(
          (db, ids, telemetry) => new DynamoUserDirectory(db, users, tellOfMalformed(ids, telemetry)),
          [database, tokens.ids, tokens.telemetry],
        )
        .inSingletonScope();
    if (imports !== undefined)
      bind(tokens.imports)
        .toResolvedValue((db, ids) => new DynamoImportLedger(db, imports, ids), [database, tokens.ids])
        .inSingletonScope();
    if (welcomes !== undefined)
      bind(tokens.welcomeLedger)
        .toResolvedValue(
          (db, ids, clock) => new DynamoWelcomeLedger(db, { welcomes, ...(imports !== undefined && { imports }) }, { ids, clock }),
          [database, tokens.ids, tokens.clock],
        )
        .inSingletonScope();
  });
}

/** The line of all who send, in the table `imports`: for worlds with `tablesModule`. */
export function scheduleModule(imports: string): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.schedule)
      .toResolvedValue((db) => new DynamoSendSchedule(db, imports), [database])
      .inSingletonScope();
  });
}
