import type { Clock } from '../../ports/clock.ts';
import type { StopSignal } from '../../ports/vocabulary.ts';

/** How many sends may go at once out of an even stream, as seconds of it. */
const burstSeconds = 0.1;

/** Lets sends through at a rate, and only so many at once. Shared by all who send through one mailer. */
export class Pace {
  readonly #clock: Clock;
  readonly #slots: number;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;
  /** When the next send may go, if sends went evenly. */
  #next = 0;

  constructor(clock: Clock, slots: number) {
    this.#clock = clock;
    this.#slots = slots;
  }

  /**
   * Runs `send` when its turn has come; answers nothing where `stop` came first.
   * @param perSecond the rate that holds now; may be Infinity
   */
  async turn<T>(perSecond: number, stop: StopSignal, send: () => Promise<T>): Promise<T | undefined> {
    await this.#enter();
    try {
      const wait = this.#reserve(perSecond);
      if (wait > 0) await this.#clock.sleep(wait, stop);
      return stop.aborted ? undefined : await send();
    } finally {
      this.#leave();
    }
  }

  /** Takes the next place in the stream, and answers how long it is until then, in milliseconds; below 0 where it is behind. */
  #reserve(perSecond: number): number {
    if (perSecond === Infinity) return 0;
    const now = this.#clock.now();
    // Nobody has more before it than those who hold a slot: a place that is further off is one of before the clock was set back.
    const furthest = now + (this.#slots * 1000) / perSecond;
    const at = Math.min(Math.max(this.#next, now - burstSeconds * 1000), furthest);
    this.#next = at + 1000 / perSecond;
    return at - now;
  }

  async #enter(): Promise<void> {
    // Whoever leaves hands its slot on, so that nobody can slip in between.
    if (this.#underWay >= this.#slots) await new Promise<void>((enter) => this.#waiting.push(enter));
    else this.#underWay++;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#underWay--;
  }
}
