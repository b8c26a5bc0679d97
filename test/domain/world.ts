import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { MemoryDeadLetters } from '../../src/adapters/memory/dead-letters.ts';
import { MemoryIds } from '../../src/adapters/memory/ids.ts';
import { MemoryImportLedger } from '../../src/adapters/memory/import-ledger.ts';
import { MemoryMailer } from '../../src/adapters/memory/mailer.ts';
import { MemoryQueue } from '../../src/adapters/memory/message-queue.ts';
import { MemoryRandom } from '../../src/adapters/memory/random.ts';
import { MemoryRowReader } from '../../src/adapters/memory/row-reader.ts';
import { MemorySendSchedule } from '../../src/adapters/memory/send-schedule.ts';
import { MemoryUploadStore } from '../../src/adapters/memory/upload-store.ts';
import { MemoryUserDirectory } from '../../src/adapters/memory/user-directory.ts';
import { MemoryUserFeed } from '../../src/adapters/memory/user-feed.ts';
import { MemoryUsers } from '../../src/adapters/memory/users.ts';
import { MemoryWelcomeLedger } from '../../src/adapters/memory/welcome-ledger.ts';
import type { RecordBatch, Upload, UploadMessage, WelcomeMessage } from '../../src/ports/vocabulary.ts';
import { plainCodec, plainSyntax } from './plain.ts';

/** All ports in memory, on one clock that stands still. Messages are plain JSON, and rows are JSON arrays, one a line. */
export class MemoryWorld {
  readonly clock = new MemoryClock();
  readonly ids = new MemoryIds();
  readonly random = new MemoryRandom(1);
  readonly syntax = plainSyntax;

  readonly uploads = new MemoryUploadStore();
  readonly rows = new MemoryRowReader();
  readonly imports = new MemoryImportLedger();
  readonly #kept = new MemoryUsers();
  readonly users = new MemoryUserDirectory(this.#kept);
  readonly feed = new MemoryUserFeed(this.#kept, this.clock, { leaseMs: visibilityMs });
  readonly ledger = new MemoryWelcomeLedger();
  readonly mailer = new MemoryMailer();
  readonly schedule = new MemorySendSchedule();

  readonly uploadCodec = plainCodec<UploadMessage>();
  readonly recordsCodec = plainCodec<RecordBatch>();
  readonly codec = plainCodec<WelcomeMessage>();
  readonly uploadQueue = new MemoryQueue(this.uploadCodec, this.clock, { visibilityMs });
  readonly records = new MemoryQueue(this.recordsCodec, this.clock, { visibilityMs });
  readonly welcomes = new MemoryQueue(this.codec, this.clock, { visibilityMs });
  readonly welcomeSource = this.welcomes;
  readonly deadLetters = new MemoryDeadLetters({ uploads: this.uploadQueue, records: this.records, welcomes: this.welcomes });

  now(): number {
    return this.clock.now();
  }

  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes in a file of these rows. */
  upload(rows: readonly (readonly string[])[], name = 'people.csv'): Promise<Upload> {
    return this.uploads.take(name, bytesOf(rows));
  }
}

/** How long a received message of the world is invisible. */
export const visibilityMs = 30_000;

async function* bytesOf(rows: readonly (readonly string[])[]): AsyncIterable<Uint8Array> {
  for (const row of rows) yield Buffer.from(`${JSON.stringify(row)}\n`);
  await Promise.resolve();
}
