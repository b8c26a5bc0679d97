import { CsvRowReader } from '../../src/adapters/csv/row-reader.ts';
import { HapiAddressSyntax } from '../../src/adapters/hapi-address/address-syntax.ts';
import { jsonRecordBatches } from '../../src/adapters/json/record-batch.ts';
import { jsonUploadMessages } from '../../src/adapters/json/upload-message.ts';
import { jsonWelcomeMessages } from '../../src/adapters/json/welcome-message.ts';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { MemoryDeadLetters } from '../../src/adapters/memory/dead-letters.ts';
import { MemoryIds } from '../../src/adapters/memory/ids.ts';
import { MemoryImportLedger } from '../../src/adapters/memory/import-ledger.ts';
import { MemoryMailer } from '../../src/adapters/memory/mailer.ts';
import { MemorySendSchedule } from '../../src/adapters/memory/send-schedule.ts';
import { MemoryQueue } from '../../src/adapters/memory/message-queue.ts';
import { MemoryRandom } from '../../src/adapters/memory/random.ts';
import { MemoryUploadStore } from '../../src/adapters/memory/upload-store.ts';
import { MemoryUserDirectory } from '../../src/adapters/memory/user-directory.ts';
import { MemoryUserFeed } from '../../src/adapters/memory/user-feed.ts';
import { MemoryUsers } from '../../src/adapters/memory/users.ts';
import { MemoryWelcomeLedger } from '../../src/adapters/memory/welcome-ledger.ts';
import type { FlowWorld } from './flow.suite.ts';

/** A world that lives in memory alone. */
export function memoryWorld(): FlowWorld {
  const clock = new MemoryClock();
  const visibilityMs = 30_000;
  const users = new MemoryUsers();
  const uploadQueue = new MemoryQueue(jsonUploadMessages, clock, { visibilityMs });
  const records = new MemoryQueue(jsonRecordBatches, clock, { visibilityMs });
  const welcomes = new MemoryQueue(jsonWelcomeMessages, clock, { visibilityMs });
  const ports = {
    clock,
    mailer: new MemoryMailer(),
    schedule: new MemorySendSchedule(),
    ids: new MemoryIds(),
    random: new MemoryRandom(1),
    uploads: new MemoryUploadStore(),
    rows: new CsvRowReader(),
    syntax: new HapiAddressSyntax(),
    uploadCodec: jsonUploadMessages,
    recordsCodec: jsonRecordBatches,
    codec: jsonWelcomeMessages,
    uploadQueue,
    uploadSource: uploadQueue,
    records,
    recordsSource: records,
    welcomes,
    welcomeSource: welcomes,
    deadLetters: new MemoryDeadLetters({ uploads: uploadQueue, records, welcomes }),
    users: new MemoryUserDirectory(users),
    feed: new MemoryUserFeed(users, clock, { leaseMs: visibilityMs }),
    imports: new MemoryImportLedger(),
    ledger: new MemoryWelcomeLedger(),
  };
  return { ports, close: () => Promise.resolve() };
}
