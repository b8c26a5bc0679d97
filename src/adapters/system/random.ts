import type { Random } from '../../ports/random.ts';

/** The runtime's own chance. Good for jitter, not for secrets. */
export class SystemRandom implements Random {
  next(): number {
    return Math.random();
  }
}
