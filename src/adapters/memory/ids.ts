import { createHash } from 'node:crypto';
import type { Ids } from '../../ports/ids.ts';

/** Counts its fresh names. `place` tells one process of a simulation from another: each needs its own. */
export class MemoryIds implements Ids {
  readonly #place: string;
  #given = 0;

  constructor(place: string) {
    this.#place = place;
  }

  fresh(): string {
    this.#given += 1;
    return `${this.#place}-${this.#given}`;
  }

  derived(...parts: readonly string[]): string {
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
  }
}
