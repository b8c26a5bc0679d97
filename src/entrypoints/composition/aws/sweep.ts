import { ContainerModule } from 'inversify';
import type { Telemetry } from '../../../ports/telemetry.ts';
import type { FunctionConfig } from '../../config.ts';
import { tokens, type World } from '../tokens.ts';
import { queuesModule } from './queues.ts';
import { awsSystemModule } from './system.ts';
import { tablesModule } from './tables.ts';
import { worldOf } from './world.ts';

/** The world of the function sweep. */
export function sweepWorld(config: FunctionConfig<'sweep'>, telemetry: Telemetry): World {
  const { welcomesQueue, usersTable, importsTable, welcomesTable } = config;
  return worldOf(
    awsSystemModule(telemetry),
    queuesModule({ queues: { welcomes: welcomesQueue }, deadLetters: {} }),
    tablesModule({ users: usersTable, imports: importsTable, welcomes: welcomesTable }),
    unseenFeedModule(),
  );
}

/**
 * Lambda reads the stream, and says to nobody how much of it is left: to the sweep the feed is empty. So during an import it may announce users
 * whose stream record is still on its way: they are announced twice, and welcomed once.
 */
function unseenFeedModule(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.feed).toConstantValue({
      receive: () => Promise.resolve({ users: [], cursor: '' }),
      advance: () => Promise.resolve(),
      depth: () => Promise.resolve(0),
    });
  });
}
