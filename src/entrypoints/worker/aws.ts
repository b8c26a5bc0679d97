import { tokens, type World } from '../composition/tokens.ts';
import { runLane } from './lane.ts';
import { workerPorts } from './local.ts';
import { runWorker } from './worker.ts';

/**
 * A receive of ten messages is what SQS gives at once. Several messages of welcomes are under way, for each holds 50 recipients and waits for the rate.
 * The sweep counts all welcomes at each look, so it looks as seldom as the function does. In milliseconds.
 */
const options = { insertMost: 10, sendLanes: 4, sweepMs: 3_600_000 };

/** Runs all stages over the world on AWS until `stop` aborts: queues of SQS, and the stream of the users. */
export function runAwsWorker(world: World, { sends }: { readonly sends: boolean }, stop: AbortSignal): Promise<void> {
  const telemetry = world.get(tokens.telemetry);
  const ports = workerPorts(world, (stage, trouble) => {
    // What feeds a stage from a queue says by itself what it meets.
    if (trouble && (stage === 'announce' || stage === 'sweep')) telemetry.warn('trouble', { stage, cause: trouble.message });
  });
  const stages = {
    read: (stop: AbortSignal) => runLane(ports, ports.uploadSource, world.get(tokens.processCsv), { most: 1 }, stop),
    insertRecords: world.get(tokens.insertRecords),
    ...(sends && { sendEmail: world.get(tokens.sendEmail) }),
  };
  return runWorker(ports, stages, options, stop);
}
