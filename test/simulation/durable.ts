import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Container } from 'inversify';
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
import { MemoryQueue } from '../../src/adapters/memory/message-queue.ts';
import { MemorySendSchedule } from '../../src/adapters/memory/send-schedule.ts';
import { MemoryTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { MemoryUploadStore } from '../../src/adapters/memory/upload-store.ts';
import { MemoryUserDirectory } from '../../src/adapters/memory/user-directory.ts';
import { MemoryUserFeed } from '../../src/adapters/memory/user-feed.ts';
import { MemoryUsers } from '../../src/adapters/memory/users.ts';
import { MemoryWelcomeLedger } from '../../src/adapters/memory/welcome-ledger.ts';
import { SqliteDatabase } from '../../src/adapters/sqlite/database.ts';
import { sqliteModule } from '../../src/entrypoints/composition/sqlite.ts';
import { systemModule } from '../../src/entrypoints/composition/system.ts';
import { tokens } from '../../src/entrypoints/composition/tokens.ts';
import type { UploadStore } from '../../src/ports/upload-store.ts';
import type { QueueName } from '../../src/ports/vocabulary.ts';
import type { FlowPorts } from '../flow/flow.ts';
import { durablePorts } from '../flow/sqlite-world.ts';
import type { Chance } from './chance.ts';
import { visibilityMs } from './stir.ts';
import type { Scenario } from './scenario.ts';
import { watching } from './witness.ts';

/** All that outlives a process, behind its ports. */
export interface Durable {
  readonly ports: FlowPorts;
  /** The texts of all messages that are on a queue, visible or not. */
  readonly texts: (queue: QueueName) => readonly string[];
  /** Puts a text on a queue just as it is. */
  readonly litter: (queue: QueueName, text: string) => Promise<void>;
  close(): void;
}

/** Small stretches, so that even a small file is read in many blocks, between which reading can be interrupted. */
const limits = { window: 96, block: 128, piece: 96, record: 4_096, lookAhead: 8_192, flawedCells: 1_024 };

export function durableWorld(scenario: Scenario, chance: Chance): Durable {
  const clock = new MemoryClock();
  const { idempotent, concurrency, perSecond } = scenario.mailer;
  const mailer = new MemoryMailer({ idempotent, concurrency });
  mailer.allowance = { perSecond, leftToday: Infinity };
  const rest = {
    clock,
    mailer,
    schedule: new MemorySendSchedule(),
    random: chance,
    ids: new MemoryIds('durable'),
    uploads: keepingWhatLanded(scenario),
    rows: new CsvRowReader(limits),
    syntax: new HapiAddressSyntax(),
    uploadCodec: jsonUploadMessages,
    recordsCodec: jsonRecordBatches,
    codec: jsonWelcomeMessages,
  };
  return scenario.overSqlite ? overSqlite(rest) : overMemory(rest);
}

/** A bucket, into which files land, keeps what is done with for a while; a spool, into which they are handed, does not. */
function keepingWhatLanded({ files }: Scenario): UploadStore {
  const store = new MemoryUploadStore();
  const landed = new Set(files.flatMap(({ lands, identity }) => (lands ? [identity] : [])));
  return watching<UploadStore>(store, {
    markDone: async (upload) => {
      if (!landed.has(upload.identity)) await store.markDone(upload);
    },
  });
}

/** A file system in memory, where there is one: what is simulated is the order of things, and not how slow a disk is. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

type Rest = Pick<
  FlowPorts,
  'clock' | 'mailer' | 'schedule' | 'random' | 'ids' | 'uploads' | 'rows' | 'syntax' | 'uploadCodec' | 'recordsCodec' | 'codec'
>;

function overMemory(rest: Rest): Durable {
  const { clock } = rest;
  const users = new MemoryUsers();
  const queues = {
    uploads: new MemoryQueue(jsonUploadMessages, clock, { visibilityMs }),
    records: new MemoryQueue(jsonRecordBatches, clock, { visibilityMs }),
    welcomes: new MemoryQueue(jsonWelcomeMessages, clock, { visibilityMs }),
  };
  return {
    ports: {
      ...rest,
      uploadQueue: queues.uploads,
      uploadSource: queues.uploads,
      records: queues.records,
      recordsSource: queues.records,
      welcomes: queues.welcomes,
      welcomeSource: queues.welcomes,
      deadLetters: new MemoryDeadLetters(queues),
      users: new MemoryUserDirectory(users),
      feed: new MemoryUserFeed(users, clock, { leaseMs: visibilityMs }),
      imports: new MemoryImportLedger(),
      ledger: new MemoryWelcomeLedger(),
    },
    texts: (queue) => queues[queue].texts(),
    litter: async (queue, text) => {
      await Promise.resolve();
      queues[queue].putText(text);
    },
    close: () => undefined,
  };
}

function overSqlite(rest: Rest): Durable {
  const folder = mkdtempSync(join(place, 'rollcall-simulation-'));
  const db = new SqliteDatabase(join(folder, 'simulation.db'));
  const world = new Container();
  world.load(systemModule(new MemoryTelemetry()), sqliteModule(db));
  world.rebind(tokens.clock).toConstantValue(rest.clock);
  world.rebind(tokens.ids).toConstantValue(rest.ids);
  const put = db.statement('INSERT INTO messages (queue, visible_at, sent_at, text) VALUES (?, 0, 0, ?)');
  return {
    ports: {
      ...rest,
      ...durablePorts(world),
    },
    texts: (queue) => db.statement('SELECT text FROM messages WHERE queue = ?').pluck().all(queue) as string[],
    litter: async (queue, text) => {
      await Promise.resolve();
      put.run(queue, text);
    },
    close: () => {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}
