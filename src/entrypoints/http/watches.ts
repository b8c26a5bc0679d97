import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import type { Clock } from '../../ports/clock.ts';
import type { ImportId } from '../../ports/vocabulary.ts';
import type { ImportView } from './schemas.ts';
import { isOver } from './views.ts';

/**
 * A look at an import takes at most this part of the time; and how often it is looked at, in milliseconds. Telling a watcher takes a sixth of a
 * millisecond: the more there are, the more seldom they are told.
 */
const looks = { share: 0.02, leastMs: 250, perWatcherMs: 10, mostMs: 2_000 };

/** A stream without news says that it is there, so that nobody between takes it for dead. In milliseconds. */
const silenceMs = 15_000;

/** How many events may wait for a slow reader; what comes then is left out, since the next one tells all. */
const mostWaiting = 4;

type Watcher = ReadableStreamDefaultController<Uint8Array>;

/**
 * Streams of server-sent events (HTML, 9.2) about imports. However many watch an import, it is looked at once; an event is sent where
 * something has changed: `progress` with the import, and `end` when nothing will change any more.
 */
export class Watches {
  readonly #look: (id: ImportId) => Promise<ImportView>;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #watched = new Map<ImportId, Watch>();

  constructor(look: (id: ImportId) => Promise<ImportView>, clock: Clock, stop: AbortSignal) {
    this.#look = look;
    this.#clock = clock;
    this.#stop = stop;
  }

  /** How many streams are open. */
  get size(): number {
    return [...this.#watched.values()].reduce((sum, { watchers }) => sum + watchers.size, 0);
  }

  /** A stream of events about the import. It ends with the import, or when its reader leaves, or the server ends. */
  stream(id: ImportId): ReadableStream<Uint8Array> {
    let left = (): void => undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (watcher) => {
          const watch = this.#watched.get(id) ?? this.#begin(id);
          watch.watchers.add(watcher);
          watcher.enqueue(watch.latest ?? encoded('retry: 2000\n\n'));
          left = () => this.#leave(id, watch, watcher);
        },
        cancel: () => left(),
      },
      { highWaterMark: mostWaiting },
    );
  }

  #begin(id: ImportId): Watch {
    const watch: Watch = { watchers: new Set(), left: new AbortController(), latest: undefined };
    this.#watched.set(id, watch);
    const stop = AbortSignal.any([this.#stop, watch.left.signal]);
    void this.#follow(id, watch, stop)
      .then(
        () => each(watch, (watcher) => watcher.close()),
        (error: unknown) => each(watch, (watcher) => watcher.error(error)),
      )
      .finally(() => {
        watch.watchers.clear();
        this.#forget(id, watch);
      });
    return watch;
  }

  async #follow(id: ImportId, watch: Watch, stop: AbortSignal): Promise<void> {
    let told = '';
    let toldAt = this.#clock.now();
    while (!stop.aborted) {
      const began = performance.now();
      const view = await this.#look(id);
      const cost = performance.now() - began;
      // The time that has passed is no news by itself.
      const news = JSON.stringify({ ...view, seconds: 0 });
      const now = this.#clock.now();
      if (news !== told) {
        [told, toldAt] = [news, now];
        watch.latest = encoded(`event: progress\ndata: ${JSON.stringify(view)}\n\n`);
        tell(watch, watch.latest);
      } else if (now - toldAt >= silenceMs) {
        toldAt = now;
        tell(watch, encoded(':\n\n'));
      }
      if (isOver(view)) {
        each(watch, (watcher) => watcher.enqueue(encoded('event: end\ndata: {}\n\n')));
        return;
      }
      const pause = Math.max(looks.leastMs, cost / looks.share, watch.watchers.size * looks.perWatcherMs);
      await this.#clock.sleep(Math.min(looks.mostMs, pause), stop);
    }
  }

  #leave(id: ImportId, watch: Watch, watcher: Watcher): void {
    watch.watchers.delete(watcher);
    if (watch.watchers.size > 0) return;
    watch.left.abort();
    this.#forget(id, watch);
  }

  /** Whoever comes from now on begins anew. */
  #forget(id: ImportId, watch: Watch): void {
    if (this.#watched.get(id) === watch) this.#watched.delete(id);
  }
}

/** An import that is watched. */
interface Watch {
  readonly watchers: Set<Watcher>;
  /** Aborts when the last watcher has left. */
  readonly left: AbortController;
  /** The last event, for whoever comes later. */
  latest: Uint8Array | undefined;
}

function tell(watch: Watch, event: Uint8Array): void {
  each(watch, (watcher) => {
    if ((watcher.desiredSize ?? 0) > 0) watcher.enqueue(event);
  });
}

function each(watch: Watch, act: (watcher: Watcher) => void): void {
  for (const watcher of watch.watchers) act(watcher);
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
