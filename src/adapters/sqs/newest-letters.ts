import type { DeadLetter, DeadLetterFilter } from '../../ports/dead-letters.ts';
import type { Instant } from '../../ports/vocabulary.ts';
import type { KeptLetter } from './letter.ts';

interface Place {
  readonly at: Instant;
  readonly id: string;
}

/**
 * Makes a page of letters that come in any order, some of them in several copies: the newest copy of each that passes the filter, the oldest
 * letters first. Of most letters it remembers only when they died: their texts are kept for twice the page at most.
 */
export class NewestLetters {
  readonly #filter: DeadLetterFilter;
  readonly #limit: number;
  readonly #after: Place | undefined;
  readonly #newest = new Map<string, { readonly at: Instant; readonly putAt: Instant; readonly passes: boolean }>();
  #kept: DeadLetter[] = [];

  constructor(filter: DeadLetterFilter, limit: number, after?: Place) {
    this.#filter = filter;
    this.#limit = limit;
    this.#after = after;
  }

  add(found: readonly KeptLetter[]): void {
    for (const { letter, putAt } of found) {
      const known = this.#newest.get(letter.id);
      if (known && (known.at - letter.at || known.putAt - putAt) > 0) continue;
      const passes = this.#passes(letter);
      this.#newest.set(letter.id, { at: letter.at, putAt, passes });
      if (known) this.#kept = this.#kept.filter(({ id }) => id !== letter.id);
      if (passes && (!this.#after || inOrder(letter, this.#after) > 0)) this.#kept.push(letter);
      if (this.#kept.length > 2 * this.#limit) this.#kept = this.page();
    }
  }

  page(): DeadLetter[] {
    return this.#kept.sort(inOrder).slice(0, this.#limit);
  }

  count(): number {
    let count = 0;
    for (const { passes } of this.#newest.values()) if (passes) count += 1;
    return count;
  }

  #passes({ queue, importId }: DeadLetter): boolean {
    return (this.#filter.queue ?? queue) === queue && (this.#filter.importId ?? importId) === importId;
  }
}

function inOrder(a: Place, b: Place): number {
  return a.at - b.at || (a.id < b.id ? -1 : a.id === b.id ? 0 : 1);
}
