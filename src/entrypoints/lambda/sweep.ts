import { sweepWorld } from '../composition/aws/sweep.ts';
import { tokens } from '../composition/tokens.ts';
import { functionSettings, readAwsConfig } from '../config.ts';
import { sweepHandler } from './sweep-handler.ts';
import { telemetryOf } from './telemetry.ts';

const telemetry = telemetryOf('sweep');
const world = sweepWorld(readAwsConfig(functionSettings.sweep), telemetry);

/** sweep: whose welcome got lost is announced again. */
export const handler = sweepHandler({
  users: world.get(tokens.users),
  feed: world.get(tokens.feed),
  imports: world.get(tokens.imports),
  ledger: world.get(tokens.welcomeLedger),
  welcomes: world.get(tokens.welcomes),
  welcomeSource: world.get(tokens.welcomeSource),
  ids: world.get(tokens.ids),
  clock: world.get(tokens.clock),
  telemetry,
});
