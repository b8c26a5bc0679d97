import { ContainerModule } from 'inversify';
import { S3UploadMessages } from '../../../adapters/s3/upload-messages.ts';
import { jsonRecordBatches } from '../../../adapters/json/record-batch.ts';
import { jsonUploadMessages } from '../../../adapters/json/upload-message.ts';
import { jsonWelcomeMessages } from '../../../adapters/json/welcome-message.ts';
import { SystemClock } from '../../../adapters/system/clock.ts';
import { SystemIds } from '../../../adapters/system/ids.ts';
import { SystemRandom } from '../../../adapters/system/random.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';
import { tokens } from '../tokens.ts';

/** Clock, ids, chance, the messages' form and where logs go. Uploads are told of by S3 itself, too. */
export function awsSystemModule(telemetry: Telemetry): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.clock).toConstantValue(new SystemClock());
    bind(tokens.ids).toConstantValue(new SystemIds());
    bind(tokens.random).toConstantValue(new SystemRandom());
    bind(tokens.telemetry).toConstantValue(telemetry);
    bind(tokens.uploadCodec).toConstantValue(new S3UploadMessages(jsonUploadMessages));
    bind(tokens.recordsCodec).toConstantValue(jsonRecordBatches);
    bind(tokens.welcomeCodec).toConstantValue(jsonWelcomeMessages);
  });
}
