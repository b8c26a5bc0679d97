import { userOf } from '../../adapters/dynamodb/user-item.ts';
import { announceWorld } from '../composition/aws/announce.ts';
import { tokens } from '../composition/tokens.ts';
import { functionSettings, readAwsConfig } from '../config.ts';
import { streamHandler } from './stream-handler.ts';
import { telemetryOf } from './telemetry.ts';

const telemetry = telemetryOf('announce');
const world = announceWorld(readAwsConfig(functionSettings.announce), telemetry);

/** announce: inserted users go to the welcomes queue. */
export const handler = streamHandler({
  welcomes: world.get(tokens.welcomes),
  ids: world.get(tokens.ids),
  clock: world.get(tokens.clock),
  telemetry,
  userOf,
});
