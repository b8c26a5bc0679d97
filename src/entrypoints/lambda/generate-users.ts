import { generateUsersWorld } from '../composition/aws/generate-users.ts';
import { awsLimits } from '../composition/aws/limits.ts';
import { tokens } from '../composition/tokens.ts';
import { functionSettings, readAwsConfig } from '../config.ts';
import { generateHandler } from './generate-handler.ts';
import { telemetryOf } from './telemetry.ts';

const telemetry = telemetryOf('generate-users');
const world = generateUsersWorld(readAwsConfig(functionSettings['generate-users']), telemetry);

/** generate-users: people of a seed, straight to the records queue. */
export const handler = generateHandler(
  {
    imports: world.get(tokens.imports),
    records: world.get(tokens.records),
    syntax: world.get(tokens.syntax),
    ids: world.get(tokens.ids),
    clock: world.get(tokens.clock),
    telemetry,
  },
  awsLimits,
);
