import { MemoryIds } from '../../src/adapters/memory/ids.ts';
import { MemoryTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { WelcomeSender } from '../../src/domain/onboarding/send-welcomes.ts';
import { insertRecordsStage } from '../../src/entrypoints/stages/insert-records.ts';
import { processCsvStage } from '../../src/entrypoints/stages/process-csv.ts';
import { sendEmailStage } from '../../src/entrypoints/stages/send-email.ts';
import { runLane } from '../../src/entrypoints/worker/lane.ts';
import { runWorker } from '../../src/entrypoints/worker/worker.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { MessageQueue, Outgoing } from '../../src/ports/message-queue.ts';
import type { UploadStore } from '../../src/ports/upload-store.ts';
import type { ImportId, RecordBatch } from '../../src/ports/vocabulary.ts';
import type { FlowPorts } from '../flow/flow.ts';
import { call, scheduled, type Simulation } from './calls.ts';
import type { Laws } from './laws.ts';
import { receiving, scheduledFeed, type Echo } from './receiving.ts';
import type { ProcessOptions } from './scenario.ts';
import type { Life } from './scheduler.ts';
import type { Violation } from './violation.ts';
import { watching } from './witness.ts';

/** The ports as whoever takes part has them: time comes to it as a port, too. */
export type ProcessPorts = Omit<FlowPorts, 'clock'> & { readonly clock: Clock };

/** What a process needs of the run. */
export interface Surroundings {
  readonly simulation: Simulation;
  /** As the adapters give them, with a planted bug perhaps. */
  readonly ports: FlowPorts;
  /** What a planted bug makes of the ports of a process. */
  readonly planted: (ports: ProcessPorts) => ProcessPorts;
  readonly laws: Laws;
  readonly echo: Echo;
  /** Raises where no welcome can be composed for somebody of that name. */
  readonly compose: (name: string) => string;
  /** Ends the run: a stage would take the violation for an error of its own. */
  readonly fail: (violation: Violation) => void;
}

/** How often lost welcomes are looked for, in milliseconds. */
export const sweepMs = 60_000;

/** One process of the system: the worker that ships, over ports whose calls are scheduled. */
export class SimulatedProcess implements Life {
  readonly name: string;
  alive = true;
  /** What ended it, if it was no death. */
  ended: { readonly error?: unknown } | undefined;
  readonly #stop = new AbortController();

  constructor(name: string, surroundings: Surroundings, options: ProcessOptions) {
    this.name = name;
    const run = runIn(this, surroundings, options, this.#stop.signal);
    run.then(
      () => (this.ended = {}),
      (error: unknown) => (this.ended = { error }),
    );
  }

  /** Asks it to come to a safe point and end. */
  stop(): void {
    this.#stop.abort();
  }
}

/** Time as a process has it: the dead do not wake. */
function clockOf(life: Life, clock: Clock): Clock {
  return {
    now: () => clock.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        void clock.sleep(ms, signal).then(() => {
          if (life.alive) resolve();
        });
      }),
  };
}

/** The ports as a process, or whoever else takes part, has them. */
export function portsOf(life: Life, { simulation, ports, planted, laws, echo, fail }: Surroundings): ProcessPorts {
  return planted({
    ...ports,
    clock: clockOf(life, ports.clock),
    ids: new MemoryIds(life.name),
    uploads: scheduledUploads(simulation, life, ports.uploads),
    uploadQueue: scheduled(simulation, life, 'uploadQueue', ports.uploadQueue),
    uploadSource: receiving(simulation, life, 'uploadSource', ports.uploadSource, echo),
    records: counted(scheduled(simulation, life, 'records', ports.records), laws, fail),
    recordsSource: receiving(simulation, life, 'recordsSource', ports.recordsSource, echo),
    welcomes: scheduled(simulation, life, 'welcomes', ports.welcomes),
    welcomeSource: receiving(simulation, life, 'welcomeSource', ports.welcomeSource, echo),
    deadLetters: scheduled(simulation, life, 'deadLetters', ports.deadLetters),
    users: scheduled(simulation, life, 'users', ports.users),
    feed: scheduledFeed(simulation, life, ports.feed),
    imports: scheduled(simulation, life, 'imports', ports.imports),
    ledger: scheduled(simulation, life, 'ledger', ports.ledger),
    mailer: scheduled(simulation, life, 'mailer', ports.mailer),
    schedule: scheduled(simulation, life, 'schedule', ports.schedule),
  });
}

function runIn(life: Life, surroundings: Surroundings, options: ProcessOptions, stop: AbortSignal): Promise<void> {
  const ports = portsOf(life, surroundings);
  const limits = { rows: options.batchRows, bytes: options.batchBytes };
  const processCsv = processCsvStage(ports, { limits, ...(options.legMs !== undefined && { legMs: options.legMs }) });
  const templates = {
    render: ({ name }: { readonly name: string }) => ({ subject: 'Welcome', html: '', text: surroundings.compose(name) }),
  };
  const composer = { compose: ({ text }: { readonly text: string }) => Promise.resolve(Buffer.from(text)) };
  const sender = new WelcomeSender({ ...ports, templates, composer }, { from: { address: 'team@example.com' }, pauseMs: 5_000 });
  const lanePorts = { ...ports, telemetry: new MemoryTelemetry(), heard: () => undefined };
  return runWorker(
    lanePorts,
    {
      read: (stop) => runLane(lanePorts, ports.uploadSource, processCsv, { most: 2 }, stop),
      insertRecords: insertRecordsStage(ports),
      sendEmail: sendEmailStage({ ...ports, sender }),
    },
    { insertMost: options.insertMost, sendLanes: options.sendLanes, sweepMs },
    stop,
  );
}

/** Counts the batches of each import that are sent and not yet known to be on the queue. */
function counted(records: MessageQueue<RecordBatch>, laws: Laws, fail: Surroundings['fail']): MessageQueue<RecordBatch> {
  const underWay = new Map<ImportId, number>();
  const count = (messages: readonly Outgoing<RecordBatch>[], by: 1 | -1): void => {
    for (const { body } of messages) underWay.set(body.importId, (underWay.get(body.importId) ?? 0) + by);
  };
  return {
    send: async (messages) => {
      count(messages, 1);
      try {
        laws.whenBatchesAreUnderWay(Math.max(...underWay.values()));
      } catch (error) {
        fail(error as Violation);
      }
      try {
        return await records.send(messages);
      } finally {
        count(messages, -1);
      }
    },
  };
}

/** Each piece of an upload comes in its turn. */
function scheduledUploads(simulation: Simulation, life: Life, uploads: UploadStore): UploadStore {
  return watching(scheduled(simulation, life, 'uploads', uploads), {
    open: async function* (upload, offset) {
      for await (const bytes of uploads.open(upload, offset)) {
        for (let at = 0; at < bytes.length;) {
          const piece = bytes.subarray(at, at + simulation.chance.between(1, 400));
          yield await call(simulation, life, 'uploads', 'open', [], () => Promise.resolve(piece));
          at += piece.length;
        }
      }
    },
  });
}
