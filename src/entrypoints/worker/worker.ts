import { setMaxListeners } from 'node:events';
import { allImports } from '../../domain/all-imports.ts';
import type { SweepPorts } from '../../domain/onboarding/sweep.ts';
import { sweep } from '../../domain/onboarding/sweep.ts';
import type { MessageSource } from '../../ports/message-source.ts';
import type { ImportLedger } from '../../ports/import-ledger.ts';
import type { RecordBatch, UploadMessage, WelcomeMessage } from '../../ports/vocabulary.ts';
import { isUnavailable, type Stage } from '../stages/stage.ts';
import { runFeedLane } from './feed-lane.ts';
import { runLane, type LanePorts } from './lane.ts';

export interface WorkerPorts extends LanePorts, SweepPorts {
  readonly uploadSource: MessageSource<UploadMessage>;
  readonly recordsSource: MessageSource<RecordBatch>;
}

export interface WorkerStages {
  /** Runs process-csv until the signal aborts: in a lane of this thread, or in a thread of its own. */
  readonly read: (stop: AbortSignal) => Promise<void>;
  readonly insertRecords: Stage<RecordBatch>;
  /** Absent where no mail is sent: then welcomes wait. */
  readonly sendEmail?: Stage<WelcomeMessage>;
}

export interface WorkerOptions {
  /** Batches that go into one transaction. */
  readonly insertMost: number;
  /** Messages of welcomes under way at once. */
  readonly sendLanes: number;
  /** How often lost welcomes are looked for, in milliseconds. */
  readonly sweepMs: number;
}

/** Long enough for batches that are on their way from the reading thread, too short for anyone to notice. In milliseconds. */
const gatherMs = 1;

/**
 * Runs all stages in this process until `stop` aborts, and comes back when what was under way has come to a safe point.
 * Several workers may run on one world.
 */
export async function runWorker(ports: WorkerPorts, stages: WorkerStages, options: WorkerOptions, stop: AbortSignal): Promise<void> {
  const { read, insertRecords, sendEmail } = stages;
  // A defect in one lane ends the others too, at a safe point, before it is raised.
  const ended = new AbortController();
  const all = AbortSignal.any([stop, ended.signal]);
  // Every lane, and every welcome that waits for its turn, listens: that many are no leak.
  setMaxListeners(0, all);
  // Who reads may wait for room on the records queue: so batches are stored until reading has come to its safe point.
  const readingEnded = new AbortController();
  const lanes = [
    read(all).finally(() => readingEnded.abort()),
    runLane(ports, ports.recordsSource, insertRecords, { most: options.insertMost, gatherMs }, readingEnded.signal),
    runFeedLane(ports, all),
    runSweep(ports, options.sweepMs, all),
    ...(sendEmail ? Array.from({ length: options.sendLanes }, () => runLane(ports, ports.welcomeSource, sendEmail, { most: 1 }, all)) : []),
  ];
  const results = await Promise.allSettled(
    lanes.map((lane) => lane.catch((error: unknown) => (ended.abort(), Promise.reject(error as Error)))),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/**
 * Whether nothing is on its way: no message, no user to announce.
 * @param sends whether this worker sends; where it does not, welcomes lie still
 */
export async function isIdle(ports: WorkerPorts, sends: boolean): Promise<boolean> {
  for (const source of [ports.recordsSource, ...(sends ? [ports.welcomeSource] : [])]) {
    const { ready, inFlight, delayed } = await source.depth();
    if (ready + inFlight + delayed > 0) return false;
  }
  const uploads = await ports.uploadSource.depth();
  if (uploads.ready + uploads.inFlight > 0) return false;
  // A second message for an upload that another one had read already may still wait for its turn: it will find nothing to do.
  if (uploads.delayed > 0 && (await isAnyBeingRead(ports.imports))) return false;
  return (await ports.feed.depth()) === 0;
}

async function isAnyBeingRead(imports: ImportLedger): Promise<boolean> {
  for await (const head of allImports(imports)) if (head.state === 'reading') return true;
  return false;
}

async function runSweep(ports: WorkerPorts, sweepMs: number, stop: AbortSignal): Promise<void> {
  for (;;) {
    await ports.clock.sleep(sweepMs, stop);
    if (stop.aborted) return;
    try {
      const announced = await sweep(ports);
      ports.heard('sweep', undefined);
      if (announced > 0) ports.telemetry.warn('swept', { announced });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      ports.heard('sweep', error);
    }
  }
}
