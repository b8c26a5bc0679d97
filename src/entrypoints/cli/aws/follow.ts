import { rate, secondsLeft, summarise, type Sample } from '../../../domain/user-import/progress.ts';
import type { ImportId } from '../../../ports/vocabulary.ts';
import type { WelcomeTotals } from '../../../ports/welcome-ledger.ts';
import { tokens, type World } from '../../composition/tokens.ts';
import { isUnavailable } from '../../stages/stage.ts';
import { isSettled, type FollowedImport, type RunEnd } from '../follow.ts';
import { Troubles } from '../troubles.ts';

export interface FollowOptions {
  readonly imports: readonly ImportId[];
  readonly patienceMs: number;
  readonly stop: AbortSignal;
  readonly show: (imports: readonly FollowedImport[]) => void;
  /** How long nothing may happen until an import that cannot complete by itself is left alone, in milliseconds; `quietMs` by default. */
  readonly quietMs?: number;
}

/**
 * Looks on while a stack works, until nothing more will come of the imports without a person.
 *
 * An import is done when its ledgers say so: its head is completed, and of every user that it inserted the welcome has ended. Both are exact; how many
 * messages lie in queues is only a guess of SQS, so no completed import waits for that. One that has dead letters or was cancelled does not
 * complete: it is left alone when nothing has changed about it, and all queues have looked empty, for a minute.
 *
 * What looking costs: head and counts are 2 read units every 2 seconds, $0.0005 an hour. Counting welcomes reads the whole table of them, about 20,000
 * read units ($0.0025) with a million users; so the looks at it come as often as a tenth of the time that is left, at most every 5 minutes ($0.03
 * an hour), and take at most a twentieth of the time.
 */
export async function followImports(world: World, options: FollowOptions): Promise<RunEnd> {
  const clock = world.get(tokens.clock);
  const troubles = new Troubles(options.patienceMs);
  const watch = new Watch(world, options.imports, options.quietMs ?? quietMs);
  for (;;) {
    try {
      const seen = await watch.look();
      options.show(seen);
      if (await watch.isOver(seen)) return { end: 'done' };
      troubles.hear('watch', undefined);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      troubles.hear('watch', error);
    }
    if (options.stop.aborted) return { end: 'stopped' };
    const trouble = troubles.tooLong();
    if (trouble) return { end: 'stuck', trouble };
    await clock.sleep(watch.pauseMs(), options.stop);
  }
}

/** SQS's numbers of messages are right about a minute after the last one was sent (API Reference, "GetQueueAttributes"). In milliseconds. */
const quietMs = 60_000;

/** Between looks at heads and counts, in milliseconds. */
const lookMs = 2_000;

/** Between looks at welcomes, in milliseconds, and which part of the time they may take. */
const welcomeLooks = { leastMs: 2_000, mostMs: 300_000, share: 0.05 };

/**
 * How long to wait until welcomes are counted again, in milliseconds: a tenth of the time that is left. Where none ends, as in a pause of the
 * account, twice as long as before.
 */
function welcomePause(costMs: number, leftMs: number | undefined, beforeMs: number): number {
  const wished = Math.max(welcomeLooks.leastMs, costMs / welcomeLooks.share, leftMs === undefined ? 2 * beforeMs : leftMs / 10);
  return Math.min(welcomeLooks.mostMs, wished);
}

/** What was seen of some imports. */
class Watch {
  readonly #world: World;
  readonly #ids: readonly ImportId[];
  readonly #quietMs: number;
  #seen: readonly FollowedImport[] = [];
  /** Welcomes as they were counted last, and when they are to be counted again. */
  readonly #totals = new Map<ImportId, WelcomeTotals>();
  #countAgainAt = -Infinity;
  #pauseMs = welcomeLooks.leastMs / 2;
  #ended: Sample | undefined;
  /** Since when nothing has changed and nothing was on its way. */
  #quiet: { readonly state: string; readonly since: number } | undefined;

  constructor(world: World, ids: readonly ImportId[], quietMs: number) {
    this.#world = world;
    this.#ids = ids;
    this.#quietMs = quietMs;
  }

  async look(): Promise<readonly FollowedImport[]> {
    const began = this.#now();
    const isDue = began >= this.#countAgainAt;
    let counted = false;
    const seen: FollowedImport[] = [];
    for (const id of this.#ids) {
      const one = await this.#lookAt(id, isDue);
      if (one) seen.push(one);
      if (isDue && one && isWelcomed(one)) counted = true;
    }
    this.#seen = seen;
    if (counted) this.#plan(this.#now() - began);
    return seen;
  }

  /** Whether nothing more will come of any of them. */
  async isOver(seen: readonly FollowedImport[]): Promise<boolean> {
    const open = seen.filter((one) => !isSettled(one, true));
    if (open.length === 0) return true;
    if (!open.every(({ summary: { state } }) => state === 'incomplete' || state === 'cancelled') || (await this.#isAnythingOnItsWay())) {
      this.#quiet = undefined;
      return false;
    }
    const state = JSON.stringify(open.map(({ head, progress, totals }) => [head.revision, progress, totals]));
    if (this.#quiet?.state !== state) this.#quiet = { state, since: this.#now() };
    return this.#now() - this.#quiet.since >= this.#quietMs;
  }

  /** How long nothing new is to be expected, in milliseconds. */
  pauseMs(): number {
    const welcomes = Math.max(0, this.#countAgainAt - this.#now());
    const onlyWelcomes = this.#seen.length > 0 && this.#seen.every(({ head: { state } }) => state === 'completed' || state === 'refused');
    return onlyWelcomes ? welcomes : lookMs;
  }

  async #lookAt(id: ImportId, isDue: boolean): Promise<FollowedImport | undefined> {
    const imports = this.#world.get(tokens.imports);
    const head = await imports.find(id);
    if (!head) return undefined;
    const progress = await imports.progress(id);
    const known = this.#totals.get(id);
    const counts = isWelcomed({ head, progress }) && (isDue || !known);
    const totals = counts ? await this.#world.get(tokens.welcomeLedger).totals(id) : (known ?? none);
    if (counts) this.#totals.set(id, totals);
    return { head, progress, totals, summary: summarise(head, progress, totals, this.#now()) };
  }

  /** Decides when welcomes are counted again. */
  #plan(costMs: number): void {
    const sum = (of: (one: FollowedImport) => number): number => this.#seen.reduce((total, one) => total + of(one), 0);
    const waiting = sum(({ summary }) => summary.waiting);
    const now = {
      at: this.#now(),
      count: sum(({ totals: { sent, refused, failed, uncertain } }) => sent + refused + failed + uncertain),
    };
    const seconds = this.#ended && secondsLeft(now.count, now.count + waiting, rate(this.#ended, now));
    this.#ended = now;
    this.#pauseMs = welcomePause(costMs, seconds === undefined ? undefined : seconds * 1_000, this.#pauseMs);
    this.#countAgainAt = now.at + this.#pauseMs;
  }

  #now(): number {
    return this.#world.get(tokens.clock).now();
  }

  async #isAnythingOnItsWay(): Promise<boolean> {
    for (const source of [tokens.uploadSource, tokens.recordsSource, tokens.welcomeSource]) {
      const { ready, inFlight, delayed } = await this.#world.get<DepthOnly>(source).depth();
      if (ready + inFlight + delayed > 0) return true;
    }
    return false;
  }
}

/** Whether there are welcomes to count: where nobody was inserted, nobody is welcomed. */
function isWelcomed({ head, progress }: Pick<FollowedImport, 'head' | 'progress'>): boolean {
  return head.welcome && progress.inserted > 0;
}

interface DepthOnly {
  depth(): Promise<{ readonly ready: number; readonly inFlight: number; readonly delayed: number }>;
}

const none: WelcomeTotals = { waiting: 0, claimed: 0, sent: 0, uncertain: 0, refused: 0, failed: 0, everUncertain: 0 };
