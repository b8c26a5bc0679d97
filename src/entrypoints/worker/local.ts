import { localLimits, spoolFolder } from '../composition/local.ts';
import { tokens, type World } from '../composition/tokens.ts';
import type { LanePorts } from './lane.ts';
import { ReaderThread } from './reader.ts';
import { runWorker, type WorkerPorts } from './worker.ts';

export interface LocalWorkerOptions {
  readonly dbFile: string;
  /** The thread that reads; one is started where none was beforehand. */
  readonly reader?: ReaderThread | undefined;
  /** Whether welcomes are sent. */
  readonly sends: boolean;
}

/** How many batches go into one transaction, how many messages of welcomes are under way, and how often lost ones are looked for. */
const workerOptions = { insertMost: 16, sendLanes: 4, sweepMs: 60_000 };

/** Runs all stages over the world of one process until `stop` aborts; reading has a thread of its own. */
export function runLocalWorker(world: World, ports: WorkerPorts, options: LocalWorkerOptions, stop: AbortSignal): Promise<void> {
  const reader = { spoolFolder: spoolFolder(options.dbFile), limits: localLimits };
  const stages = {
    read: (stop: AbortSignal) => (options.reader ?? new ReaderThread()).run(world, ports, reader, stop),
    insertRecords: world.get(tokens.insertRecords),
    ...(options.sends && { sendEmail: world.get(tokens.sendEmail) }),
  };
  return runWorker(ports, stages, workerOptions, stop);
}

/** The worker's ports, out of the world. */
export function workerPorts(world: World, heard: LanePorts['heard']): WorkerPorts {
  return {
    clock: world.get(tokens.clock),
    ids: world.get(tokens.ids),
    random: world.get(tokens.random),
    telemetry: world.get(tokens.telemetry),
    users: world.get(tokens.users),
    feed: world.get(tokens.feed),
    imports: world.get(tokens.imports),
    ledger: world.get(tokens.welcomeLedger),
    welcomes: world.get(tokens.welcomes),
    uploadSource: world.get(tokens.uploadSource),
    recordsSource: world.get(tokens.recordsSource),
    welcomeSource: world.get(tokens.welcomeSource),
    heard,
  };
}
