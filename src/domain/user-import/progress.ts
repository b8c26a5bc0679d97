import type { ImportHead, Progress } from '../../ports/import-ledger.ts';
import type { WelcomeTotals } from '../../ports/welcome-ledger.ts';

/** An import's state as people are shown it; `incomplete`: parts of it lie in dead letters. */
export type ShownState = 'reading' | 'storing' | 'completed' | 'incomplete' | 'refused' | 'cancelled';

/** What became of an import so far. */
export interface ImportSummary {
  readonly import: string;
  readonly state: ShownState;
  /** Rows that have their outcome. */
  readonly rows: number;
  readonly inserted: number;
  readonly updated: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Welcomes that the mail server took. */
  readonly welcomed: number;
  /** Welcomes of which a send was uncertain at some time. */
  readonly uncertain: number;
  /** Welcomes that were refused or given up. */
  readonly failed: number;
  /** Welcomes that are still to be sent. */
  readonly waiting: number;
  /** From the import's creation to the last row's outcome, or until now. */
  readonly seconds: number;
}

/** Sums up an import out of what its ledgers say. */
export function summarise(head: ImportHead, progress: Progress, welcomes: WelcomeTotals, now: number): ImportSummary {
  const { inserted, updated, duplicates, rejected } = progress;
  const ended = welcomes.sent + welcomes.refused + welcomes.failed + welcomes.uncertain;
  return {
    import: head.id,
    state: shownState(head, progress),
    rows: inserted + updated + duplicates + rejected,
    inserted,
    updated,
    duplicates,
    rejected,
    welcomed: welcomes.sent,
    uncertain: welcomes.everUncertain,
    failed: welcomes.refused + welcomes.failed,
    waiting: head.welcome ? Math.max(0, inserted - ended) : 0,
    seconds: Math.round(((head.completedAt ?? now) - head.createdAt) / 10) / 100,
  };
}

/** The state as people are shown it. */
export function shownState(head: ImportHead, progress: Progress): ShownState {
  if (head.state === 'refused' || head.state === 'completed' || head.state === 'cancelled') return head.state;
  if (progress.deadLetters > 0) return 'incomplete';
  return head.state === 'read' ? 'storing' : 'reading';
}

/** A look at a count that grows. */
export interface Sample {
  /** In milliseconds. */
  readonly at: number;
  readonly count: number;
}

/** How fast a count grows: per second, between two looks at it; 0 where no time has passed. */
export function rate(from: Sample, to: Sample): number {
  return to.at > from.at ? ((to.count - from.count) * 1000) / (to.at - from.at) : 0;
}

/** Seconds until `total` is reached at that rate; nothing where it stands still. */
export function secondsLeft(count: number, total: number, perSecond: number): number | undefined {
  return perSecond > 0 ? Math.max(0, total - count) / perSecond : undefined;
}
