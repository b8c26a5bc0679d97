import { keepHeapSmall } from './heap.ts';
import { processCsvStage } from '../stages/process-csv.ts';
import { awsLimits } from '../composition/aws/limits.ts';
import { processCsvWorld } from '../composition/aws/process-csv.ts';
import { tokens } from '../composition/tokens.ts';
import { functionSettings, readAwsConfig } from '../config.ts';
import { legMs } from './leg.ts';
import { queueHandler } from './queue-handler.ts';
import { telemetryOf } from './telemetry.ts';

const config = readAwsConfig(functionSettings['process-csv']);
const telemetry = telemetryOf('process-csv');
const world = processCsvWorld(config, telemetry);
const ports = world.get(tokens.processCsvPorts);
keepHeapSmall();

/** How long before its end an invocation lets go of a reading that has not come to the end of its leg, in milliseconds. */
const stopsBefore = 10_000;

/** process-csv: uploads that landed become imports, and imports batches. A reading that takes longer than a leg sends its continuation. */
export const handler = queueHandler(
  { clock: ports.clock, telemetry, codec: ports.uploadCodec, releases: world.get(tokens.releases) },
  ({ leftMs }) => processCsvStage(ports, { limits: awsLimits, legMs: legMs(config.legSeconds, leftMs) }),
  stopsBefore,
);
