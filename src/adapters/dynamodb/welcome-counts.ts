import type { Clock } from '../../ports/clock.ts';
import { LedgerUnavailable } from '../../ports/import-ledger.ts';
import type { ImportId, Instant } from '../../ports/vocabulary.ts';
import type { WelcomeTotals } from '../../ports/welcome-ledger.ts';
import type { DynamoDatabase } from './database.ts';
import { raising } from './failure.ts';
import { textIn, type Item } from './item.ts';
import { noWelcomes, scanWelcomes, type Counting } from './welcome-scan.ts';

/**
 * Totals of welcomes for whoever looks often, and at many imports: all are counted in one reading of the table, which is repeated only when it
 * has aged. Half a read unit for 4 KB of the table, so about $0.0025 for a million welcomes. Allowed actions: Scan.
 */
export class DynamoWelcomeCounts {
  readonly #db: DynamoDatabase;
  readonly #table: string;
  readonly #clock: Clock;
  readonly #waitMs: number;
  #known: ReadonlyMap<ImportId, WelcomeTotals> = new Map();
  #countAgainAt: Instant = -Infinity;
  #counting: Promise<void> | undefined;

  /**
   * @param table the table `welcomes`
   * @param waitMs nobody waits longer than this for a count, in milliseconds, and is told the one before: none at first
   */
  constructor(db: DynamoDatabase, table: string, clock: Clock, waitMs: number) {
    this.#db = db;
    this.#table = table;
    this.#clock = clock;
    this.#waitMs = waitMs;
  }

  /** Of the users that one import inserted. What was written since the last count is missing. @throws LedgerUnavailable */
  async totals(importId: ImportId): Promise<WelcomeTotals> {
    if (this.#clock.now() >= this.#countAgainAt) {
      this.#counting ??= this.#begin();
      const waited = new AbortController();
      try {
        await Promise.race([this.#counting, this.#clock.sleep(this.#waitMs, waited.signal)]);
      } finally {
        waited.abort();
      }
    }
    return this.#known.get(importId) ?? noWelcomes;
  }

  #begin(): Promise<void> {
    const counting = this.#count().finally(() => (this.#counting = undefined));
    // Where it fails after everybody has stopped waiting, whoever asks next counts anew, and hears of it.
    counting.catch(() => undefined);
    return counting;
  }

  async #count(): Promise<void> {
    const began = this.#clock.now();
    const counted = new Map<ImportId, Counting>();
    const totalsFor = (item: Item): Counting => {
      const id = textIn(item, 'importId');
      const totals = counted.get(id) ?? { ...noWelcomes };
      counted.set(id, totals);
      return totals;
    };
    await raising(LedgerUnavailable, this.#table, () => scanWelcomes(this.#db.client, this.#table, totalsFor));
    this.#known = counted;
    const now = this.#clock.now();
    this.#countAgainAt = now + Math.min(pause.mostMs, Math.max(pause.leastMs, (now - began) / pause.share));
  }
}

/** Between two counts, in milliseconds; and which part of the time they may take. */
const pause = { leastMs: 2_000, mostMs: 300_000, share: 0.05 };
