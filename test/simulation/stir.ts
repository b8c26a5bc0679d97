import { Bell } from '../../src/adapters/memory/bell.ts';
import type { MemoryClock } from '../../src/adapters/memory/clock.ts';
import type { Outgoing } from '../../src/ports/message-queue.ts';
import type { Instant, StopSignal } from '../../src/ports/vocabulary.ts';

/** What can be received from. */
type Source = 'uploadSource' | 'recordsSource' | 'welcomeSource' | 'feed';

const sourceOf: Readonly<Record<string, Source>> = { uploadQueue: 'uploadSource', records: 'recordsSource', welcomes: 'welcomeSource' };

/** How long what is received stays invisible, in every world of the simulation; in milliseconds. */
export const visibilityMs = 30_000;

/**
 * Wakes whoever waits for something to receive when there may be something: at once, or when a message becomes visible by
 * time alone. Without it a waiting receiver would have to look all the time, and a run would never come to rest.
 */
export class Stir {
  readonly #clock: MemoryClock;
  readonly #bells = new Map<Source, Bell>();
  readonly #due = new Map<Source, Set<Instant>>();

  constructor(clock: MemoryClock) {
    this.#clock = clock;
  }

  /** A call was made, and may have had its effect. */
  after(port: string, method: string, args: readonly unknown[]): void {
    if (method === 'send') {
      const source = sourceOf[port];
      if (source) for (const { delayMs = 0 } of args[0] as readonly Outgoing<unknown>[]) this.at(source, delayMs);
    } else if (method === 'release') this.at(port as Source, args[1] as number);
    else if (method === 'extend') this.at(port as Source, visibilityMs);
    else if (method === 'store' || method === 'advance') this.at('feed', 0);
    else if (method === 'redrive') for (const source of Object.values(sourceOf)) this.at(source, 0);
  }

  /** There may be something after so many milliseconds. */
  at(source: Source, ms: number): void {
    this.#dues(source).add(this.#clock.now() + Math.max(0, ms));
    if (ms <= 0) this.#bell(source).ring();
  }

  /** Whether there may be something now. */
  mayHave(source: Source): boolean {
    const now = this.#clock.now();
    for (const at of this.#dues(source)) if (at <= now) return true;
    return false;
  }

  /** Somebody looked just now, and there was nothing. */
  hadNothing(source: Source): void {
    const now = this.#clock.now();
    const dues = this.#dues(source);
    for (const at of dues) if (at <= now) dues.delete(at);
  }

  /** Resolves when there may be something, at `until`, or when `signal` aborts. */
  async wait(source: Source, until: Instant, signal?: StopSignal): Promise<void> {
    const now = this.#clock.now();
    await this.#bell(source).wait(this.#clock, Math.min(until, ...this.#dues(source)) - now, signal);
  }

  #bell(source: Source): Bell {
    const bell = this.#bells.get(source) ?? new Bell();
    this.#bells.set(source, bell);
    return bell;
  }

  #dues(source: Source): Set<Instant> {
    const dues = this.#due.get(source) ?? new Set();
    this.#due.set(source, dues);
    return dues;
  }
}
