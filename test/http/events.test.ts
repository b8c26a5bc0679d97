import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryClock } from '../../src/adapters/memory/clock.ts';
import type { ImportView } from '../../src/entrypoints/http/schemas.ts';
import { Watches } from '../../src/entrypoints/http/watches.ts';
import { upTo } from '../contracts/world.ts';
import { HttpTestWorld, over, posted } from './world.ts';

type Reader = ReadableStreamDefaultReader<Uint8Array>;
const readerOf = (stream: unknown): Reader => (stream as ReadableStream<Uint8Array>).getReader();
const next = async (reader: Reader): Promise<string | undefined> => {
  const { value, done } = await reader.read();
  return done ? undefined : Buffer.from(value).toString();
};

describe('watchers of an import', () => {
  let clock: MemoryClock;
  let view: ImportView;
  let looks: number;
  let stop: AbortController;
  let watches: Watches;
  beforeEach(() => {
    clock = new MemoryClock();
    view = { import: 'a', state: 'reading', rows: 0, waiting: 0, seconds: 0 } as ImportView;
    looks = 0;
    stop = new AbortController();
    watches = new Watches(
      async () => {
        looks++;
        return view;
      },
      clock,
      stop.signal,
    );
  });

  /** Lets time pass until the import is looked at once more. */
  async function look(): Promise<void> {
    const before = looks;
    while (looks === before) {
      await clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  test('share one look at it, however many they are, and each hears what has changed', async () => {
    const readers = upTo(50).map(() => readerOf(watches.stream('a')));
    expect(watches.size).toBe(50);
    for (const reader of readers) {
      expect(await next(reader)).toBe('retry: 2000\n\n');
      expect(await next(reader)).toMatch(/^event: progress\ndata: \{"import":"a",.*\}\n\n$/);
    }
    expect(looks).toBe(1);
    await look();
    view = { ...view, rows: 5, seconds: 1 };
    await look();
    for (const reader of readers) expect(await next(reader)).toContain('"rows":5');
    expect(looks).toBe(3);
  });

  test('are told the more seldom the more they are', async () => {
    for (const [count, least] of [
      [1, 250],
      [100, 1_000],
      [900, 2_000],
    ] as const) {
      const readers = upTo(count).map(() => readerOf(watches.stream(String(count))));
      await look();
      const before = clock.now();
      const pause = (clock.nextWakeAt() ?? before) - before;
      expect([count, pause >= least && pause <= 2_000]).toStrictEqual([count, true]);
      await Promise.all(readers.map((reader) => reader.cancel()));
    }
  });

  test('who come later hear at once how it stands', async () => {
    const first = readerOf(watches.stream('a'));
    await next(first);
    await next(first);
    expect(await next(readerOf(watches.stream('a')))).toContain('event: progress');
  });

  test('hear of the end, and then the stream ends; nothing is looked at for nobody', async () => {
    const reader = readerOf(watches.stream('a'));
    await next(reader);
    await next(reader);
    view = { ...view, state: 'completed' };
    await look();
    expect(await next(reader)).toContain('"state":"completed"');
    expect(await next(reader)).toBe('event: end\ndata: {}\n\n');
    expect(await next(reader)).toBeUndefined();
    expect(watches.size).toBe(0);
  });

  test('who leave are forgotten, and with the last one the looking ends', async () => {
    const readers = upTo(2).map(() => readerOf(watches.stream('a')));
    for (const reader of readers) await reader.cancel();
    expect(watches.size).toBe(0);
    const before = looks;
    // Whoever comes now begins anew, also when the last one has just left.
    const reader = readerOf(watches.stream('a'));
    await next(reader);
    expect(await next(reader)).toContain('event: progress');
    await reader.cancel();
    for (let time = 0; time < 5; time++) {
      await clock.advance(2_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(looks).toBe(before + 1);
  });

  test('who read slowly miss what is old, and not what is new', async () => {
    const reader = readerOf(watches.stream('a'));
    for (const rows of upTo(30)) {
      view = { ...view, rows };
      await look();
    }
    const heard: (string | undefined)[] = [];
    for (let time = 0; time < 4; time++) heard.push(await next(reader));
    view = { ...view, rows: 99 };
    await look();
    expect(await next(reader)).toContain('"rows":99');
    expect(heard.join('')).not.toContain('"rows":30');
  });

  test('hear that the stream is alive, where there is nothing to tell', async () => {
    const reader = readerOf(watches.stream('a'));
    await next(reader);
    await next(reader);
    const waiting = next(reader);
    for (let time = 0; time < 62; time++) await look();
    expect(await waiting).toBe(':\n\n');
  });

  test('are sent away when the server ends', async () => {
    const reader = readerOf(watches.stream('a'));
    await next(reader);
    await next(reader);
    stop.abort();
    expect(await next(reader)).toBeUndefined();
  });

  test('hear of a failure by the stream breaking off', async () => {
    const failing = new Watches(() => Promise.reject(new Error('Away.')), clock, stop.signal);
    const reader = readerOf(failing.stream('a'));
    await expect(next(reader).then(() => next(reader))).rejects.toThrow('Away.');
    expect(failing.size).toBe(0);
  });
});

describe('the address of events', () => {
  let world: HttpTestWorld;
  beforeEach(() => {
    world = new HttpTestWorld();
  });
  afterEach(() => world.close());

  test('streams until the import is over', async () => {
    const app = world.app();
    const location =
      (await app.request('/imports', posted({ users: [{ email: 'a@example.com', name: 'A' }] }))).headers.get('Location') ?? '';
    const answer = await app.request(`${location}/events`);
    expect(answer.headers.get('Content-Type')).toBe('text/event-stream');
    world.work();
    const text = await answer.text();
    expect(text).toMatch(/"state":"storing"/);
    expect(text).toMatch(/"state":"completed","rows":1,"inserted":1,.*"welcomed":1,.*\n\nevent: end\ndata: \{\}\n\n$/);
    await over(app, location);
  });

  test('opens so many streams and no more', async () => {
    const app = world.app({ limits: { watchers: 1 } });
    const location =
      (await app.request('/imports', posted({ users: [{ email: 'a@example.com', name: 'A' }] }))).headers.get('Location') ?? '';
    const first = await app.request(`${location}/events`);
    expect((await app.request(`${location}/events`)).status).toBe(429);
    await first.body?.cancel();
    const again = await app.request(`${location}/events`);
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });
});
