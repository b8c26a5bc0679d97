import type { Container } from 'inversify';
import { sweep } from '../../domain/onboarding/sweep.ts';
import { summarise, type ImportSummary } from '../../domain/user-import/progress.ts';
import type { ImportHead } from '../../ports/import-ledger.ts';
import type { ImportId } from '../../ports/vocabulary.ts';
import { localLimits, spoolFolder } from '../composition/local.ts';
import { tokens } from '../composition/tokens.ts';
import { runReaderThread } from '../worker/reader.ts';
import { isIdle, runWorker, type WorkerPorts } from '../worker/worker.ts';

/** How a run ended: all is done; a person stopped it; or something did not work for too long. */
export type RunEnd = { readonly end: 'done' | 'stopped' } | { readonly end: 'stuck'; readonly trouble: Error };

export interface RunOptions {
  readonly dbFile: string;
  /** Whether welcomes are sent. */
  readonly sends: boolean;
  /** The imports that are waited for; without any, all that there is to do. */
  readonly imports: readonly ImportId[];
  readonly patienceMs: number;
  readonly stop: AbortSignal;
  /** Is shown how far the imports have come, every so often. */
  readonly show: (summaries: readonly FollowedImport[]) => void;
}

export interface FollowedImport {
  readonly head: ImportHead;
  readonly summary: ImportSummary;
}

/** How many batches go into one transaction, how many messages of welcomes are under way, and how often lost ones are looked for. */
const workerOptions = { insertMost: 50, sendLanes: 4, sweepMs: 60_000 };

/** A look at the state costs at most this part of the time. */
const lookShare = 0.05;
const looks = { leastMs: 20, mostMs: 1_000 };

/** Runs a worker on the world until there is nothing left to do for the imports. */
export async function runUntilDone(world: Container, options: RunOptions): Promise<RunEnd> {
  const troubles = new Troubles(options.patienceMs);
  const ports = workerPorts(world, troubles);
  const ended = new AbortController();
  const stop = AbortSignal.any([options.stop, ended.signal]);
  const reader = { spoolFolder: spoolFolder(options.dbFile), limits: localLimits };
  const worker = runWorker(
    ports,
    {
      read: (stop) => runReaderThread(world, ports, reader, stop),
      insertRecords: world.get(tokens.insertRecords),
      ...(options.sends && { sendEmail: world.get(tokens.sendEmail) }),
    },
    workerOptions,
    stop,
  );
  const watching = watch(world, ports, troubles, options, stop).finally(() => ended.abort());
  // A defect of the worker is what the person hears about, before all else.
  const [end] = await Promise.all([Promise.race([watching, worker.then(() => watching)]), worker]);
  return end;
}

/** How far each of the imports has come. */
export async function followed(world: Container, ids: readonly ImportId[]): Promise<readonly FollowedImport[]> {
  const imports = world.get(tokens.imports);
  const found: FollowedImport[] = [];
  for (const id of ids) {
    const head = await imports.find(id);
    if (!head) continue;
    const [progress, totals] = [await imports.progress(id), await world.get(tokens.welcomeLedger).totals(id)];
    found.push({ head, summary: summarise(head, progress, totals, world.get(tokens.clock).now()) });
  }
  return found;
}

async function watch(world: Container, ports: WorkerPorts, troubles: Troubles, options: RunOptions, stop: AbortSignal): Promise<RunEnd> {
  for (;;) {
    const began = performance.now();
    const seen = await followed(world, options.imports);
    options.show(seen);
    if (options.imports.length > 0 && seen.every(({ summary }) => isSettled(summary, options.sends))) return { end: 'done' };
    if ((await isIdle(ports, options.sends)) && (!options.sends || (await sweep(ports)) === 0)) return { end: 'done' };
    if (stop.aborted) return { end: 'stopped' };
    const trouble = troubles.tooLong();
    if (trouble) return { end: 'stuck', trouble };
    const cost = performance.now() - began;
    await ports.clock.sleep(Math.min(looks.mostMs, Math.max(looks.leastMs, cost / lookShare)), stop);
  }
}

/** Whether nothing more will come of the import without a person. An incomplete one goes on until nothing is on its way. */
function isSettled({ state, waiting }: ImportSummary, sends: boolean): boolean {
  return state === 'refused' || (state === 'completed' && (waiting === 0 || !sends));
}

function workerPorts(world: Container, troubles: Troubles): WorkerPorts {
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
    heard: (stage, trouble) => troubles.hear(stage, trouble),
  };
}

/** Remembers what has not worked since when, by stage. */
class Troubles {
  readonly #patienceMs: number;
  readonly #since = new Map<string, { readonly at: number; trouble: Error }>();

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  hear(stage: string, trouble: Error | undefined): void {
    const known = this.#since.get(stage);
    if (!trouble) this.#since.delete(stage);
    else if (known) known.trouble = trouble;
    else this.#since.set(stage, { at: performance.now(), trouble });
  }

  /** What has not worked for longer than anyone wants to wait. */
  tooLong(): Error | undefined {
    const now = performance.now();
    return [...this.#since.values()].find(({ at }) => now - at >= this.#patienceMs)?.trouble;
  }
}
