import { createHash } from 'node:crypto';
import type { Ids } from '../../ports/ids.ts';

/** Counts its fresh names, so that a run can be repeated. */
export class MemoryIds implements Ids {
  readonly #place: string;
  #given = 0;

  /** @param place tells one process of a simulation from another: where there are several, each needs its own. */
  constructor(place = 'fresh') {
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
