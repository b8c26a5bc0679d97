import type { MemoryClock } from '../../src/adapters/memory/clock.ts';
import type { Outgoing, Unsent } from '../../src/ports/message-queue.ts';
import type { Chance } from './chance.ts';
import type { Fault, Faults } from './faults.ts';
import { die, type Answer, type Life, type Scheduler } from './scheduler.ts';
import type { Stir } from './stir.ts';
import type { Trace } from './trace.ts';
import { Violation } from './violation.ts';

/** What the calls of a run share. */
export interface Simulation {
  readonly scheduler: Scheduler;
  readonly clock: MemoryClock;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly trace: Trace;
  readonly stir: Stir;
  /** Hears of each fault as it strikes. */
  readonly struck: (call: string, fault: Fault, args: readonly unknown[]) => void;
}

/** How long a call hangs at most: past every visibility, lease and time-out. In milliseconds. */
export const hangMs = 150_000;

/** What is under way to a service arrives there even if its sender dies. */
const network: Life = { name: 'network', alive: true };

/** The port as a process has it: every call waits for its turn, and may go wrong. */
export function scheduled<T extends object>(simulation: Simulation, life: Life, name: string, port: T): T {
  return new Proxy(port, {
    get: (target, method) => {
      const member: unknown = Reflect.get(target, method, target);
      if (typeof member !== 'function' || typeof method !== 'string') return member;
      return (...args: readonly unknown[]) =>
        call(simulation, life, name, method, args, (given) => Reflect.apply(member, target, given) as Promise<unknown>);
    },
  });
}

/** Makes one call in its turn. */
export async function call<A extends readonly unknown[], R>(
  simulation: Simulation,
  life: Life,
  port: string,
  method: string,
  args: A,
  perform: (args: A) => Promise<R>,
): Promise<R> {
  const name = `${port}.${method}`;
  const { scheduler, clock, chance, faults, trace, stir } = simulation;
  const made = async (given: A): Promise<Answer<R>> => {
    try {
      return { value: await perform(given) };
    } catch (error) {
      if (error instanceof Violation) throw error;
      return { error };
    } finally {
      stir.after(port, method, args);
    }
  };
  const noted = (fault: Fault | undefined): Fault | undefined => {
    trace.note(scheduler.steps, clock.now(), life.name, name, fault);
    if (fault) simulation.struck(name, fault, args);
    return fault;
  };
  const first = await scheduler.call<R | typeof late>(life, async () => {
    const fault = noted(faults.strike(name, args));
    switch (fault) {
      case undefined:
      case 'twice':
      case 'late':
      case 'reordered':
      case 'lost':
        return made(args);
      case 'fails':
      case 'throttled':
      case 'unreadable':
      case 'refused':
      case 'paused':
      case 'no answer':
        return { error: faults.error(name, fault) };
      case 'answer lost':
        await made(args);
        return { error: faults.error(name, fault) };
      case 'in part':
        return inPart(simulation, name, args, made);
      case 'hangs':
        return { ...(await made(args)), afterMs: chance.below(hangMs) };
      case 'late effect':
        return { value: late, afterMs: chance.below(hangMs) };
      case 'dies before':
        die(life);
        return { never: true };
      case 'dies after':
        await made(args);
        die(life);
        return { never: true };
    }
  });
  if (first !== late) return first;
  return scheduler.call(network, async () => {
    trace.note(scheduler.steps, clock.now(), life.name, `${name}, at last`, undefined);
    const answer = await made(args);
    return life.alive ? answer : { never: true };
  });
}

const late = Symbol('late');

/** The effect reaches only the first of what was given. A queue names the others; any other port can only say that something failed. */
async function inPart<A extends readonly unknown[], R>(
  { chance, faults }: Simulation,
  name: string,
  args: A,
  made: (given: A) => Promise<Answer<R>>,
): Promise<Answer<R>> {
  // Whoever names a call as one that can reach a part of what it was given says so in `faultsOf`: its first argument is a list.
  const [all, ...rest] = args as unknown as readonly [readonly unknown[], ...unknown[]];
  const part = chance.below(all.length);
  if (part > 0) await made([all.slice(0, part), ...rest] as unknown as A);
  if (!name.endsWith('.send')) return { error: faults.error(name, 'throttled') };
  const unsent = (all as readonly Outgoing<unknown>[]).slice(part).map((_, index): Unsent => {
    return { index: part + index, cause: 'The queue took only some.', retryable: true };
  });
  return { value: unsent as R };
}
