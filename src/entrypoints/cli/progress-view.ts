import type { MultiBar, SingleBar } from 'cli-progress';
import { rate, secondsLeft, type Sample } from '../../domain/user-import/progress.ts';
import type { FollowedImport } from './follow.ts';
import { duration, number } from './words.ts';

/** Shows how far imports have come. */
export interface ProgressView {
  show(imports: readonly FollowedImport[]): void;
  /** Takes away what is shown. */
  end(): void;
}

/** Bars on the terminal, if there is one: rows read, rows stored, users welcomed. They go when `stop` aborts. */
export function progressView(
  terminal: NodeJS.WriteStream | undefined,
  options: { readonly color: boolean; readonly sends: boolean },
  stop: AbortSignal,
): ProgressView {
  if (!terminal) return { show: () => undefined, end: () => undefined };
  const bars = new Bars(terminal, options);
  stop.addEventListener('abort', () => bars.end(), { once: true });
  return bars;
}

/** Bars that would vanish at once are not worth the unrest, nor the time to load what draws them. */
const quietMs = 300;

/** The rate is that of the last few seconds. */
const windowMs = 5_000;

type Stage = 'read' | 'stored' | 'welcomed';

/** How far a stage is, in rows or users. The total is not exact while rows are still being read. */
interface Level {
  readonly count: number;
  readonly total: number;
  readonly exact: boolean;
}

class Bars implements ProgressView {
  readonly #terminal: NodeJS.WriteStream;
  readonly #stages: readonly Stage[];
  readonly #color: boolean;
  readonly #began = performance.now();
  readonly #samples = new Map<Stage, Sample[]>();
  readonly #bars = new Map<Stage, SingleBar>();
  #all: MultiBar | undefined;
  #loading = false;
  #ended = false;

  constructor(terminal: NodeJS.WriteStream, { color, sends }: { readonly color: boolean; readonly sends: boolean }) {
    this.#terminal = terminal;
    this.#color = color;
    this.#stages = ['read', 'stored', ...(sends ? (['welcomed'] as const) : [])];
  }

  show(imports: readonly FollowedImport[]): void {
    const levels = levelsOf(imports);
    const now = performance.now();
    for (const stage of this.#stages) this.#note(stage, { at: now, count: levels[stage].count });
    if (!this.#all) {
      if (now - this.#began >= quietMs && !this.#loading) void this.#load();
      return;
    }
    for (const stage of this.#stages) {
      const { count, total, exact } = levels[stage];
      const bar = this.#bars.get(stage);
      bar?.setTotal(Math.max(1, total));
      bar?.update(count, { text: this.#words(stage, count, total, exact) });
    }
  }

  end(): void {
    this.#ended = true;
    this.#all?.stop();
  }

  async #load(): Promise<void> {
    this.#loading = true;
    const { default: progress } = await import('cli-progress');
    // The command may have come to its end in the meantime.
    if (this.#ended) return;
    this.#all = new progress.MultiBar({
      stream: this.#terminal,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
      fps: 10,
      format: (_, { progress }, payload: { readonly stage: Stage; readonly text: string }) =>
        this.#line(payload.stage, progress, payload.text),
    });
    for (const stage of this.#stages) this.#bars.set(stage, this.#all.create(1, 0, { stage, text: '' }));
  }

  #note(stage: Stage, sample: Sample): void {
    const samples = this.#samples.get(stage) ?? [];
    samples.push(sample);
    while (samples[1] && sample.at - samples[1].at > windowMs) samples.shift();
    this.#samples.set(stage, samples);
  }

  #words(stage: Stage, count: number, total: number, exact: boolean): string {
    const samples = this.#samples.get(stage) ?? [];
    const [first, last] = [samples[0], samples.at(-1)];
    const perSecond = first && last ? rate(first, last) : 0;
    const left = count < total ? secondsLeft(count, total, perSecond) : undefined;
    const of = `${number(count)} of ${exact ? '' : '~'}${number(total)}`;
    return [
      of,
      ...(perSecond > 0 && count < total ? [`${number(Math.round(perSecond))}/s`] : []),
      ...(left === undefined ? [] : [`${duration(Math.ceil(left))} left`]),
    ].join('  ');
  }

  /** A line that fits the terminal: the words first, the bar with what is left. */
  #line(stage: Stage, share: number, words: string): string {
    const done = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0));
    const width = Math.max(8, Math.min(40, this.#terminal.columns - 68));
    const full = Math.floor(done * width);
    const [filled, empty] = ['█'.repeat(full), '░'.repeat(width - full)];
    const bar = this.#color ? `\u001b[36m${filled}\u001b[2m${empty}\u001b[0m` : filled + empty;
    return `${stage.padEnd(9)} ${bar} ${String(Math.floor(done * 100)).padStart(3)}%  ${words}`;
  }
}

/** What a row comes to, before any is read. */
const typicalRowBytes = 50;

/** Sums over all imports. How many rows there are is known when all are read, and told from the bytes before. */
function levelsOf(imports: readonly FollowedImport[]): Readonly<Record<Stage, Level>> {
  let [read, rows, stored, welcomes, inserted, users] = [0, 0, 0, 0, 0, 0, 0, 0];
  let exact = true;
  for (const { head, summary } of imports) {
    const isRead = head.state !== 'reading';
    const { offset, ordinal } = head.checkpoint?.position ?? { offset: 0, ordinal: 0 };
    const row = Math.max(head.checkpoint?.row ?? 0, summary.rows);
    const total = isRead ? row : Math.round(head.upload.size * (offset > 0 ? ordinal / offset : 1 / typicalRowBytes));
    read += row;
    rows += Math.max(row, total);
    stored += summary.rows;
    exact &&= isRead;
    if (!head.welcome) continue;
    welcomes += summary.inserted - summary.waiting;
    inserted += summary.inserted;
    users += isRead && summary.rows === row ? summary.inserted : Math.round((summary.inserted * total) / Math.max(1, summary.rows));
  }
  return {
    read: { count: read, total: rows, exact },
    stored: { count: stored, total: rows, exact },
    welcomed: { count: welcomes, total: Math.max(users, inserted), exact: exact && stored === rows },
  };
}
