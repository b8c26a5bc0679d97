import type { Random } from '../../ports/random.ts';

/** The same numbers for the same seed. */
export class MemoryRandom implements Random {
  #state: number;

  /** @param seed a whole number; its lower 32 bits count. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** One step of Mulberry32: a counter that adds a constant, and a mix of its bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
