import { insertRecordsWorld } from '../composition/aws/insert-records.ts';
import { tokens } from '../composition/tokens.ts';
import { functionSettings, readAwsConfig } from '../config.ts';
import { queueHandler } from './queue-handler.ts';
import { telemetryOf } from './telemetry.ts';

const telemetry = telemetryOf('insert-records');
const world = insertRecordsWorld(readAwsConfig(functionSettings['insert-records']), telemetry);
const stage = world.get(tokens.insertRecords);

/** insert-records: batches become users, and every row gets its outcome. */
export const handler = queueHandler(
  { clock: world.get(tokens.clock), telemetry, codec: world.get(tokens.recordsCodec), releases: world.get(tokens.releases) },
  () => stage,
  0,
);
