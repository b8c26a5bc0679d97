import { test } from '@jest/globals';
import type { Instant } from '../../src/ports/vocabulary.ts';

/** What the world of every contract suite has beside its ports. A factory makes a fresh one for each test. */
export interface World {
  /** The time by which the adapter goes. */
  now(): Instant;
  /** Lets `ms` milliseconds pass for the adapter: on a clock of the world's own, or by really waiting. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What a technology cannot do, by capability, each with the reason. */
export type Lacks<Capability extends string> = Readonly<Partial<Record<Capability, string>>>;

/** Makes tests that need a capability: where it is lacking they are skipped, and their name says why. */
export function testsNeeding<Capability extends string>(lacks: Lacks<Capability>) {
  return (capability: Capability, name: string, run: () => Promise<void>): void => {
    const reason = lacks[capability];
    if (reason === undefined) test(name, run);
    else test.skip(`${name} (lacks ${capability}: ${reason})`, run);
  };
}

/** The answer of a call that waits: time passes in steps until it comes. */
export async function outlast<T>(world: World, call: Promise<T>, stepMs: number): Promise<T> {
  const waiting = new Set([call]);
  const settle = () => waiting.delete(call);
  call.then(settle, settle);
  for (let step = 0; waiting.size > 0; step += 1) {
    if (step === 1_000) throw new Error(`the call did not answer within ${1_000 * stepMs} ms`);
    await world.advance(stepMs);
  }
  return call;
}

/** Numbers from 1 to `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** The value, where the test knows that there is one. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value, found none');
  return value;
}
