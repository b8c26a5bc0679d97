import type { Delivery, MessageSource } from '../../src/ports/message-source.ts';
import type { UserFeed } from '../../src/ports/user-feed.ts';
import type { StopSignal } from '../../src/ports/vocabulary.ts';
import { call, scheduled, type Simulation } from './calls.ts';
import type { Life } from './scheduler.ts';
import { visibilityMs } from './stir.ts';
import { watching } from './witness.ts';

/** Deliveries that were made, by source: they may be made again, even after they were acknowledged. */
export type Echo = Map<string, Delivery<unknown>[]>;

/** What a process receives messages from, as its ports call them. */
type SourceName = 'uploadSource' | 'recordsSource' | 'welcomeSource';

/** How many past deliveries of a source may come again. */
const echoes = 12;

/** How late a late delivery is at most, in milliseconds. */
const lateMs = 600_000;

/**
 * The source as a process has it. A wait is many looks, each in its turn, so that nobody gets a message by waiting longest.
 * What comes may come again, later or in another order.
 */
export function receiving<T>(simulation: Simulation, life: Life, name: SourceName, source: MessageSource<T>, echo: Echo): MessageSource<T> {
  const { chance, faults, trace, scheduler, clock, stir } = simulation;
  const later = async (receipt: string, ms: number): Promise<void> => {
    await source.release([receipt], ms);
    stir.at(name, ms);
  };
  const take = async (limit: number): Promise<readonly Delivery<T>[] | undefined> => {
    const fault = faults.arrival(`${name}.receive`);
    const happens = (): void => {
      if (!fault) return;
      faults.happened(`${name}.receive`, fault);
      trace.note(scheduler.steps, clock.now(), life.name, `${name}.receive`, fault);
    };
    const past = (echo.get(name) ?? []) as readonly Delivery<T>[];
    if (fault === 'twice' && past.length > 0) {
      happens();
      return [again(chance.pick(past))];
    }
    const taken = await source.receive(fault === 'reordered' ? limit + 4 : limit, 0);
    if (taken.length === 0) {
      stir.hadNothing(name);
      return undefined;
    }
    stir.at(name, visibilityMs);
    if (fault === 'late' || (fault === 'reordered' && taken.length > 1)) happens();
    if (fault === 'late') {
      for (const { receipt } of taken) await later(receipt, chance.below(lateMs));
      return undefined;
    }
    const given = fault === 'reordered' ? chance.shuffled(taken).slice(0, limit) : taken;
    const left = taken.filter((delivery) => !given.includes(delivery));
    for (const { receipt } of left) await later(receipt, 0);
    echo.set(name, [...past, ...given].slice(-echoes));
    return given;
  };
  return watching(scheduled(simulation, life, name, source), {
    receive: (limit, waitMs, signal) =>
      looking(simulation, name, waitMs, signal, [], () =>
        call(simulation, life, name, 'receive', [limit] as const, ([limit]) => take(limit)),
      ),
  });
}

/** The feed as a process has it. */
export function scheduledFeed(simulation: Simulation, life: Life, feed: UserFeed): UserFeed {
  return watching(scheduled(simulation, life, 'feed', feed), {
    receive: (limit, waitMs, signal) =>
      looking(simulation, 'feed', waitMs, signal, { users: [], cursor: '' }, () =>
        call(simulation, life, 'feed', 'receive', [limit] as const, async ([limit]) => {
          const batch = await feed.receive(limit, 0);
          if (batch.users.length > 0) simulation.stir.at('feed', visibilityMs);
          else simulation.stir.hadNothing('feed');
          return batch.users.length > 0 ? batch : undefined;
        }),
      ),
  });
}

/** A wait as many looks: one whenever there may be something. */
async function looking<T>(
  { clock, stir }: Simulation,
  source: SourceName | 'feed',
  waitMs: number,
  signal: StopSignal | undefined,
  nothing: T,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const until = clock.now() + waitMs;
  for (;;) {
    if (stir.mayHave(source)) {
      const found = await look();
      if (found !== undefined) return found;
    }
    if (clock.now() >= until || signal?.aborted === true) return nothing;
    await stir.wait(source, until, signal);
  }
}

/** The delivery once more, by a receipt that nobody knows. */
function again<T>(delivery: Delivery<T>): Delivery<T> {
  return { ...delivery, receipt: 'again/0:0', receives: delivery.receives + 1 };
}
