import type { Telemetry } from '../../../ports/telemetry.ts';
import type { FunctionConfig } from '../../config.ts';
import type { World } from '../tokens.ts';
import { queuesModule } from './queues.ts';
import { awsSystemModule } from './system.ts';
import { worldOf } from './world.ts';

/** The world of the function announce: users out to the welcomes queue. Lambda itself reads the stream. */
export function announceWorld({ welcomesQueue }: FunctionConfig<'announce'>, telemetry: Telemetry): World {
  return worldOf(awsSystemModule(telemetry), queuesModule({ queues: { welcomes: welcomesQueue }, deadLetters: {} }));
}
