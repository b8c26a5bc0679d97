import type { Random } from '../ports/random.ts';

/** When to try again, and when to give up. */
export interface RetryPolicy {
  /** The first wait, in milliseconds. */
  readonly baseMs: number;
  /** By how much each wait is longer than the one before. */
  readonly factor: number;
  readonly maxMs: number;
  /** Attempts after which it is given up. */
  readonly attempts: number;
}

/** For messages of the import: a defect shows quickly, and a redrive is there. */
export const importRetries: RetryPolicy = { baseMs: 200, factor: 3, maxMs: 60_000, attempts: 5 };

/** For welcomes: greylisting asks for minutes (RFC 6647, section 5). */
export const welcomeRetries: RetryPolicy = { baseMs: 1_000, factor: 4, maxMs: 15 * 60_000, attempts: 6 };

/** For a service that does not answer or takes nothing at all: it is asked again and again, and nobody's attempts are used up. */
export const pauseRetries: RetryPolicy = { baseMs: 250, factor: 2, maxMs: 5 * 60_000, attempts: Infinity };

/**
 * How long to wait after the `attempt`-th failure (counted from 1), in milliseconds: exponential back-off, half of it by
 * chance, so that those who failed together do not come back together (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function backOff(policy: RetryPolicy, attempt: number, random: Random): number {
  const ceiling = Math.min(policy.maxMs, policy.baseMs * policy.factor ** (Math.max(1, attempt) - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random.next());
}
