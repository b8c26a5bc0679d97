import { MemoryRandom } from '../../src/adapters/memory/random.ts';

/** Everything that is drawn in a run comes from here: the same seed draws the same. */
export class Chance extends MemoryRandom {
  /** Whether something happens that happens so often out of 1. */
  hits(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  /** A whole number from 0 on, below `bound`; 0 where there is none. */
  below(bound: number): number {
    return bound <= 1 ? 0 : Math.floor(this.next() * bound);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  pick<T>(things: readonly T[]): T {
    return things[this.below(things.length)] as T;
  }

  /** One of the things, each as often as it weighs; all of them together weigh something. */
  weigh<T>(things: readonly T[], weightOf: (thing: T) => number): T {
    let left = this.next() * things.reduce((sum, thing) => sum + weightOf(thing), 0);
    const chosen = things.find((thing) => (left -= weightOf(thing)) < 0);
    return chosen ?? (things[things.length - 1] as T);
  }

  shuffled<T>(things: readonly T[]): T[] {
    const left = [...things];
    return things.map(() => left.splice(this.below(left.length), 1)[0] as T);
  }
}
