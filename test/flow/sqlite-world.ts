import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Container } from 'inversify';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import { MemoryMailer } from '../../src/adapters/memory/mailer.ts';
import { MemoryTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { SqliteDatabase } from '../../src/adapters/sqlite/database.ts';
import { csvModule } from '../../src/entrypoints/composition/csv.ts';
import { spoolFolder } from '../../src/entrypoints/composition/local.ts';
import { sqliteModule } from '../../src/entrypoints/composition/sqlite.ts';
import { systemModule } from '../../src/entrypoints/composition/system.ts';
import { tokens, type World } from '../../src/entrypoints/composition/tokens.ts';
import type { FlowPorts } from './flow.ts';
import type { FlowWorld } from './flow.suite.ts';

/** A world on disk: the modules of one process, with a clock and a mailer of the test's own. */
export function sqliteWorld(): FlowWorld {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-flow-'));
  const db = new SqliteDatabase(join(folder, 'flow.db'));
  return {
    ports: portsOn(db),
    close: async () => {
      db.close();
      rmSync(folder, { recursive: true });
      await Promise.resolve();
    },
  };
}

function portsOn(db: SqliteDatabase): FlowPorts {
  const clock = new MemoryClock();
  const world = new Container();
  world.load(systemModule(new MemoryTelemetry()), csvModule(spoolFolder(db.file)), sqliteModule(db));
  world.rebind(tokens.clock).toConstantValue(clock);
  return {
    clock,
    mailer: new MemoryMailer(),
    schedule: world.get(tokens.schedule),
    ids: world.get(tokens.ids),
    random: world.get(tokens.random),
    uploads: world.get(tokens.uploads),
    rows: world.get(tokens.rows),
    syntax: world.get(tokens.syntax),
    uploadCodec: world.get(tokens.uploadCodec),
    recordsCodec: world.get(tokens.recordsCodec),
    codec: world.get(tokens.welcomeCodec),
    ...durablePorts(world),
  };
}

/** What outlives a process, as a world has it. */
export function durablePorts(world: World) {
  return {
    uploadQueue: world.get(tokens.uploadQueue),
    uploadSource: world.get(tokens.uploadSource),
    records: world.get(tokens.records),
    recordsSource: world.get(tokens.recordsSource),
    welcomes: world.get(tokens.welcomes),
    welcomeSource: world.get(tokens.welcomeSource),
    deadLetters: world.get(tokens.deadLetters),
    users: world.get(tokens.users),
    feed: world.get(tokens.feed),
    imports: world.get(tokens.imports),
    ledger: world.get(tokens.welcomeLedger),
  } satisfies Partial<FlowPorts>;
}
