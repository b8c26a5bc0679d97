import { ContainerModule } from 'inversify';
import { jsonRecordBatches } from '../../adapters/json/record-batch.ts';
import { jsonUploadMessages } from '../../adapters/json/upload-message.ts';
import { jsonWelcomeMessages } from '../../adapters/json/welcome-message.ts';
import { MemorySendSchedule } from '../../adapters/memory/send-schedule.ts';
import { SystemClock } from '../../adapters/system/clock.ts';
import { SystemIds } from '../../adapters/system/ids.ts';
import { SystemRandom } from '../../adapters/system/random.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { tokens } from './tokens.ts';

/** What every world of real time has: clock, ids, chance, the messages' form, where logs go, and in which order mails go out. */
export function systemModule(telemetry: Telemetry): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.clock).toConstantValue(new SystemClock());
    bind(tokens.ids).toConstantValue(new SystemIds());
    bind(tokens.random).toConstantValue(new SystemRandom());
    bind(tokens.telemetry).toConstantValue(telemetry);
    bind(tokens.schedule).toConstantValue(new MemorySendSchedule());
    bind(tokens.uploadCodec).toConstantValue(jsonUploadMessages);
    bind(tokens.recordsCodec).toConstantValue(jsonRecordBatches);
    bind(tokens.welcomeCodec).toConstantValue(jsonWelcomeMessages);
  });
}
