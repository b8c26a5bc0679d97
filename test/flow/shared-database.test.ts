import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Container } from 'inversify';
import { MemoryMailer } from '../../src/adapters/memory/mailer.ts';
import { MemoryTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { SqliteDatabase } from '../../src/adapters/sqlite/database.ts';
import { startImport } from '../../src/domain/user-import/start-import.ts';
import { csvModule } from '../../src/entrypoints/composition/csv.ts';
import { spoolFolder } from '../../src/entrypoints/composition/local.ts';
import { mailModule } from '../../src/entrypoints/composition/mail.ts';
import { sqliteModule } from '../../src/entrypoints/composition/sqlite.ts';
import { insertRecordsModule, processCsvModule } from '../../src/entrypoints/composition/stages.ts';
import { systemModule } from '../../src/entrypoints/composition/system.ts';
import { tokens, type World } from '../../src/entrypoints/composition/tokens.ts';
import { runLane } from '../../src/entrypoints/worker/lane.ts';
import { isIdle, runWorker, type WorkerPorts } from '../../src/entrypoints/worker/worker.ts';
import { present, upTo } from '../contracts/world.ts';
import { noOptions } from '../domain/plain.ts';

/** A process on the database: a connection of its own, and a worker on it. Batches are small, so that there are many. */
class Process {
  readonly db: SqliteDatabase;
  readonly world: World;
  readonly ports: WorkerPorts;
  readonly telemetry = new MemoryTelemetry();
  /** Is called when a stage has come to the end of a round. */
  onRound: (stage: string) => void = () => undefined;
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;

  constructor(file: string, mailer: MemoryMailer) {
    this.db = new SqliteDatabase(file);
    const container = new Container();
    container.load(
      systemModule(this.telemetry),
      csvModule(spoolFolder(file)),
      sqliteModule(this.db),
      processCsvModule({ rows: 5, bytes: 100_000 }),
      insertRecordsModule(),
      mailModule({
        mailer,
        templates: { render: ({ name }) => ({ subject: 'Hi', html: name, text: name }) },
        from: { address: 'team@example.com' },
      }),
    );
    this.world = container;
    this.ports = {
      clock: container.get(tokens.clock),
      ids: container.get(tokens.ids),
      random: container.get(tokens.random),
      telemetry: this.telemetry,
      users: container.get(tokens.users),
      feed: container.get(tokens.feed),
      imports: container.get(tokens.imports),
      ledger: container.get(tokens.welcomeLedger),
      welcomes: container.get(tokens.welcomes),
      uploadSource: container.get(tokens.uploadSource),
      recordsSource: container.get(tokens.recordsSource),
      welcomeSource: container.get(tokens.welcomeSource),
      heard: (stage) => this.onRound(stage),
    };
  }

  work(): void {
    const { world, ports } = this;
    const stages = {
      read: (stop: AbortSignal) => runLane(ports, ports.uploadSource, world.get(tokens.processCsv), { most: 1 }, stop),
      insertRecords: world.get(tokens.insertRecords),
      sendEmail: world.get(tokens.sendEmail),
    };
    this.#working = runWorker(ports, stages, { insertMost: 2, sendLanes: 2, sweepMs: 60_000 }, this.#stop.signal);
  }

  /** Ends the worker at a safe point. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  async begin(file: string): Promise<string> {
    const { ids, clock, imports } = this.ports;
    const upload = await this.world.get(tokens.files).takeFile(file);
    const request = { upload, options: noOptions, welcome: true, again: false };
    return (await startImport({ ids, clock, imports, uploadQueue: this.world.get(tokens.uploadQueue) }, request)).head.id;
  }

  async until(met: () => Promise<boolean>): Promise<void> {
    while (!(await met())) await this.ports.clock.sleep(5);
  }

  /** How often this worker acknowledged something in that stage. */
  share(stage: string): number {
    return this.telemetry.counts
      .filter(({ facts }) => facts['stage'] === stage && facts['verdict'] === 'acknowledge')
      .reduce((sum, { value }) => sum + value, 0);
  }
}

describe('workers on one database', () => {
  let folder: string;
  let mailer: MemoryMailer;
  let processes: Process[];
  const started = (): Process => {
    const process = new Process(join(folder, 'shared.db'), mailer);
    processes.push(process);
    return process;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-shared-'));
    mailer = new MemoryMailer();
    processes = [];
  });
  afterEach(async () => {
    for (const process of processes) await process.stop();
    for (const { db } of processes) db.close();
    rmSync(folder, { recursive: true });
  });

  /** The names are long, so that the reader comes to several safe points in a file. */
  const fileOf = (name: string, count: number, first = 1): string => {
    const file = join(folder, name);
    writeFileSync(
      file,
      `name,email\n${upTo(count)
        .map((n) => `${'x'.repeat(200)},user${n + first - 1}@example.com\n`)
        .join('')}`,
    );
    return file;
  };
  const timesOf = () => [...mailer.taken.values()].map(({ times }) => times);

  test('share the work: each row once, each mail once', async () => {
    const [first, second] = [started(), started()];
    const imports = [await first.begin(fileOf('a.csv', 600)), await second.begin(fileOf('b.csv', 600, 301))];
    first.work();
    second.work();
    await first.until(async () => (await isIdle(first.ports, true)) && mailer.taken.size === 900);

    const progress = await Promise.all(imports.map((id) => first.ports.imports.progress(id)));
    expect(progress.map(({ batches, inserted, duplicates }) => [batches, inserted + duplicates])).toStrictEqual([
      [120, 600],
      [120, 600],
    ]);
    expect(progress.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(900);
    expect(await first.ports.users.count()).toBe(900);
    for (const id of imports) expect((await first.ports.imports.find(id))?.state).toBe('completed');
    expect([timesOf().length, Math.max(...timesOf())]).toStrictEqual([900, 1]);
    for (const stage of ['insert-records', 'send-email']) expect(Math.min(first.share(stage), second.share(stage))).toBeGreaterThan(0);
  }, 30_000);

  test('a worker that is stopped in the middle comes to a safe point, and another one carries on', async () => {
    const first = started();
    const id = await first.begin(fileOf('a.csv', 2_000));
    // Reading is faster than storing: by the twentieth round the records queue is full, and the reader waits for room.
    const stored = new Promise<void>((resolve) => {
      let rounds = 0;
      first.onRound = (stage) => stage === 'insert-records' && ++rounds === 20 && resolve();
    });
    first.work();
    await stored;
    await first.stop();
    const { inserted } = await first.ports.imports.progress(id);
    expect(inserted).toBeLessThan(2_000);
    const head = present(await first.ports.imports.find(id));
    expect([head.state, head.lease]).toStrictEqual(['reading', undefined]);
    for (const source of [first.ports.uploadSource, first.ports.recordsSource]) expect((await source.depth()).inFlight).toBe(0);

    const second = started();
    second.work();
    await second.until(async () => (await isIdle(second.ports, true)) && mailer.taken.size === 2_000);
    expect(await second.ports.imports.progress(id)).toMatchObject({ inserted: 2_000, duplicates: 0, batches: 400 });
    expect((await second.ports.imports.find(id))?.state).toBe('completed');
    expect([timesOf().length, Math.max(...timesOf())]).toStrictEqual([2_000, 1]);
  }, 30_000);
});
