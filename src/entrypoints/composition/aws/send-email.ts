import { ContainerModule } from 'inversify';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { WelcomeLedger } from '../../../ports/welcome-ledger.ts';
import type { FunctionConfig } from '../../config.ts';
import { tokens, type World } from '../tokens.ts';
import { sesModule } from './mail.ts';
import { queuesModule } from './queues.ts';
import { awsSystemModule } from './system.ts';
import { scheduleModule, tablesModule } from './tables.ts';
import { worldOf } from './world.ts';

/** The world of the function send-email: welcomes in, mails out. */
export function sendEmailWorld(config: FunctionConfig<'send-email'>, telemetry: Telemetry): World {
  const { welcomesQueue, welcomesDeadLetters, welcomesTable, importsTable } = config;
  return worldOf(
    awsSystemModule(telemetry),
    queuesModule({ queues: { welcomes: welcomesQueue }, deadLetters: { welcomes: welcomesDeadLetters } }),
    tablesModule({ welcomes: welcomesTable }),
    scheduleModule(importsTable),
    sesOnlyModule(),
    sesModule(config),
  );
}

/** Nothing but SES sends the welcomes of these tables; where that is kept, this function may not look. */
function sesOnlyModule(): ContainerModule {
  return new ContainerModule(({ onActivation }) => {
    onActivation(tokens.welcomeLedger, (_, ledger): WelcomeLedger => ({
      replace: (records) => ledger.replace(records),
      find: (users) => ledger.find(users),
      totals: (importId) => ledger.totals(importId),
      keepChannel: () => Promise.resolve('ses'),
      channel: () => Promise.resolve('ses'),
    }));
  });
}
