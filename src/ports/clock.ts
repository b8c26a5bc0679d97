import type { Instant, StopSignal } from './vocabulary.ts';

/** Time: what it is now, and waiting for it. */
export interface Clock {
  now(): Instant;
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: StopSignal): Promise<void>;
}
