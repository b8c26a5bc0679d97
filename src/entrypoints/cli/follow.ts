import { sweep } from '../../domain/onboarding/sweep.ts';
import { summarise, type ImportSummary } from '../../domain/user-import/progress.ts';
import type { ImportHead, Progress } from '../../ports/import-ledger.ts';
import type { ImportId } from '../../ports/vocabulary.ts';
import type { WelcomeTotals } from '../../ports/welcome-ledger.ts';
import { tokens, type World } from '../composition/tokens.ts';
import { isUnavailable } from '../stages/stage.ts';
import { runLocalWorker, workerPorts, type LocalWorkerOptions } from '../worker/local.ts';
import { isIdle, type WorkerPorts } from '../worker/worker.ts';
import { Troubles } from './troubles.ts';

/** How a run ended: all is done; a person stopped it; or something did not work for too long. */
export type RunEnd = { readonly end: 'done' | 'stopped' } | { readonly end: 'stuck'; readonly trouble: Error };

export interface RunOptions extends LocalWorkerOptions {
  /** What is waited for: that these imports are settled, or that nothing is left to do at all. */
  readonly until: 'settled' | 'idle';
  /** The imports that are shown. */
  readonly imports: readonly ImportId[];
  readonly patienceMs: number;
  readonly stop: AbortSignal;
  /** Is shown how far the imports have come, every so often. */
  readonly show: (imports: readonly FollowedImport[]) => void;
}

/** What the ledgers say about an import, and their sum. */
export interface FollowedImport {
  readonly head: ImportHead;
  readonly progress: Progress;
  readonly totals: WelcomeTotals;
  readonly summary: ImportSummary;
}

/** A look at the state costs at most this part of the time. */
const lookShare = 0.05;
const looks = { leastMs: 20, mostMs: 1_000 };

/** Runs a worker on the world until there is nothing left to do. */
export async function runUntilDone(world: World, options: RunOptions): Promise<RunEnd> {
  const troubles = new Troubles(options.patienceMs);
  const ports = workerPorts(world, (stage, trouble) => troubles.hear(stage, trouble));
  const ended = new AbortController();
  const stop = AbortSignal.any([options.stop, ended.signal]);
  const end = (): void => ended.abort();
  const working = runLocalWorker(world, ports, options, stop).finally(end);
  const watching = watch(world, ports, troubles, options, stop).finally(end);
  // Both have come to their end before anyone closes the database under them. A defect of the worker is heard of first.
  const [worked, watched] = await Promise.allSettled([working, watching]);
  if (worked.status === 'rejected') throw worked.reason;
  if (watched.status === 'rejected') throw watched.reason;
  return watched.value;
}

/** How far each of the imports has come. */
export async function followed(world: World, ids: readonly ImportId[]): Promise<readonly FollowedImport[]> {
  const imports = world.get(tokens.imports);
  const found: FollowedImport[] = [];
  for (const id of ids) {
    const head = await imports.find(id);
    if (head) found.push(await followedHead(world, head));
  }
  return found;
}

/** How far the import has come. */
export async function followedHead(world: World, head: ImportHead): Promise<FollowedImport> {
  const progress = await world.get(tokens.imports).progress(head.id);
  const totals = await world.get(tokens.welcomeLedger).totals(head.id);
  return { head, progress, totals, summary: summarise(head, progress, totals, world.get(tokens.clock).now()) };
}

/** Whether nothing more will come of the import without a person. An incomplete or cancelled one goes on until nothing is on its way. */
export function isSettled({ summary: { state, waiting } }: FollowedImport, sends: boolean): boolean {
  return state === 'refused' || (state === 'completed' && (waiting === 0 || !sends));
}

async function watch(world: World, ports: WorkerPorts, troubles: Troubles, options: RunOptions, stop: AbortSignal): Promise<RunEnd> {
  for (;;) {
    const began = performance.now();
    try {
      if (await look(world, ports, options)) return { end: 'done' };
      troubles.hear('watch', undefined);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      troubles.hear('watch', error);
    }
    if (stop.aborted) return { end: 'stopped' };
    const trouble = troubles.tooLong();
    if (trouble) return { end: 'stuck', trouble };
    const cost = performance.now() - began;
    await ports.clock.sleep(Math.min(looks.mostMs, Math.max(looks.leastMs, cost / lookShare)), stop);
  }
}

/** Shows how far it has come; answers whether all is done. */
async function look(world: World, ports: WorkerPorts, { imports, until, sends, show }: RunOptions): Promise<boolean> {
  const seen = await followed(world, imports);
  show(seen);
  if (until === 'settled' && seen.every((one) => isSettled(one, sends))) return true;
  return (await isIdle(ports, sends)) && (!sends || (await sweep(ports)) === 0);
}
