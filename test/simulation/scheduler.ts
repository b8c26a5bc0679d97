import type { MemoryClock } from '../../src/adapters/memory/clock.ts';
import type { Chance } from './chance.ts';
import { Violation } from './violation.ts';

/** Whether somebody who takes part in a run can still do anything. What a dead one has under way never comes back to it. */
export interface Life {
  readonly name: string;
  alive: boolean;
  /** Hears of its death. */
  readonly onDeath?: () => void;
}

/** Ends somebody where it stands. */
export function die(life: Life): void {
  life.alive = false;
  life.onDeath?.();
}

/** What comes of a call: its answer or error, at once or after a while; `never` where the caller has died. */
export type Answer<T> = ({ readonly value: T } | { readonly error: unknown } | { readonly never: true }) & { readonly afterMs?: number };

/** Each call costs up to this much time, in milliseconds. */
const stepMs = 4;

/** How much time passes where nobody sleeps, in milliseconds; and how often that may happen before it counts as forever. */
const leapMs = 1_000;
const mostDeadLeaps = 1_000;

/**
 * Lets everything happen one call at a time. Whoever wants to call a port waits for its turn; whose turn it is, is drawn. Time
 * passes a little with each call, and leaps where everybody sleeps. So a run is decided by its seed alone.
 */
export class Scheduler {
  readonly #clock: MemoryClock;
  readonly #chance: Chance;
  #waiting: { readonly life: Life; readonly take: () => Promise<void> }[] = [];
  #steps = 0;
  #deadLeaps = 0;

  constructor(clock: MemoryClock, chance: Chance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  /** How many calls were made. */
  get steps(): number {
    return this.#steps;
  }

  /** Waits for a turn, makes the call in it, and answers what came of it. */
  call<T>(life: Life, perform: () => Promise<Answer<T>>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!life.alive) return;
      const settle = (answer: Answer<T>): void => {
        if (!life.alive || 'never' in answer) return;
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a port raises is handed on as it is
        if ('error' in answer) reject(answer.error);
        else resolve(answer.value);
      };
      const take = async (): Promise<void> => {
        const answer = await perform();
        if (answer.afterMs === undefined) settle(answer);
        else void this.#clock.sleep(answer.afterMs).then(() => settle(answer));
      };
      this.#waiting.push({ life, take });
    });
  }

  /**
   * Lets calls be made, and `between` happen before each, until `atRest` says so where nobody has anything to do now, or `most` more calls were made.
   * @returns whether it came to rest
   */
  async run(most: number, between: () => void, atRest: () => Promise<boolean>): Promise<boolean> {
    const end = this.#steps + most;
    while (this.#steps < end) {
      await this.#clock.advance(this.#chance.below(stepMs));
      between();
      this.#waiting = this.#waiting.filter(({ life }) => life.alive);
      const [next] = this.#waiting.splice(this.#chance.below(this.#waiting.length), 1);
      if (next) {
        this.#steps++;
        await next.take();
      } else if (await atRest()) return true;
      else await this.#leap();
    }
    return false;
  }

  /** Time passes until somebody wakes; or a while, where nobody sleeps because all are dead. */
  async #leap(): Promise<void> {
    const { now, next } = { now: this.#clock.now(), next: this.#clock.nextWakeAt() };
    this.#deadLeaps = next === undefined ? this.#deadLeaps + 1 : 0;
    if (this.#deadLeaps > mostDeadLeaps) throw new Violation('it comes to rest', 'Everybody waits, and nobody will ever be woken.');
    await this.#clock.advance(next === undefined ? leapMs : next - now);
  }
}
