import { describe, expect, test } from '@jest/globals';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { Pace } from '../../../src/domain/onboarding/pacing.ts';
import { upTo } from '../../contracts/world.ts';
import { faulty } from '../faulty.ts';

/** Takes turns that each last `lastsMs`, and notes when they begin. */
class Turns {
  readonly clock = new MemoryClock(1_000_000);
  readonly stop = new AbortController();
  readonly begun: number[] = [];
  readonly #pace: Pace;
  readonly #started = this.clock.now();

  constructor(slots: number) {
    this.#pace = new Pace(this.clock, slots);
  }

  take(count: number, perSecond: number, lastsMs = 0): Promise<readonly (number | undefined)[]> {
    return Promise.all(
      upTo(count).map((n) =>
        this.#pace.turn(perSecond, this.stop.signal, async () => {
          this.begun.push(this.clock.now() - this.#started);
          await this.clock.sleep(lastsMs);
          return n;
        }),
      ),
    );
  }
}

describe('Pace', () => {
  test('without a limit all go at once, as far as there are slots', async () => {
    const turns = new Turns(3);
    const taken = turns.take(7, Infinity, 10);
    await turns.clock.advance(100);
    expect(turns.begun).toStrictEqual([0, 0, 0, 10, 10, 10, 20]);
    expect(await taken).toStrictEqual(upTo(7));
  });

  test('at 10 a second the first two go at once, and each of the others a tenth of a second later', async () => {
    const turns = new Turns(100);
    const taken = turns.take(6, 10);
    await turns.clock.advance(10_000);
    expect(turns.begun).toStrictEqual([0, 0, 100, 200, 300, 400]);
    await taken;
  });

  test('at 100 a second a burst of a tenth of a second goes at once', async () => {
    const turns = new Turns(100);
    const taken = turns.take(15, 100);
    await turns.clock.advance(10_000);
    expect(turns.begun).toStrictEqual([...upTo(11).map(() => 0), 10, 20, 30, 40]);
    await taken;
  });

  test('at 1 a second nobody goes early for more than that tenth', async () => {
    const turns = new Turns(100);
    const taken = turns.take(3, 1);
    await turns.clock.advance(10_000);
    expect(turns.begun).toStrictEqual([0, 900, 1_900]);
    await taken;
  });

  test('a time without sends is not made up for', async () => {
    const turns = new Turns(100);
    const first = turns.take(1, 10);
    await turns.clock.advance(60_000);
    const rest = turns.take(4, 10);
    await turns.clock.advance(60_000);
    expect(turns.begun).toStrictEqual([0, 60_000, 60_000, 60_100, 60_200]);
    await Promise.all([first, rest]);
  });

  test('where the limit is lifted, the next one goes at once', async () => {
    const turns = new Turns(100);
    const limited = turns.take(3, 1);
    const free = turns.take(1, Infinity);
    await turns.clock.advance(10_000);
    expect(turns.begun).toStrictEqual([0, 0, 900, 1_900]);
    await Promise.all([limited, free]);
  });

  test('whose turn it is already does not sleep', async () => {
    const waits: number[] = [];
    const clock = faulty(new MemoryClock(1_000_000), { before: { sleep: (_, ms) => waits.push(ms) } });
    const pace = new Pace(clock, 100);
    const { signal } = new AbortController();
    // The first is a tenth of a second behind, the second just in time.
    for (const n of upTo(2)) expect(await pace.turn(10, signal, () => Promise.resolve(n))).toBe(n);
    expect(waits).toStrictEqual([]);
  });

  test('slow sends are held by the slots, not by the rate', async () => {
    const turns = new Turns(1);
    const taken = turns.take(3, 1_000, 50);
    await turns.clock.advance(1_000);
    expect(turns.begun).toStrictEqual([0, 50, 100]);
    await taken;
  });

  test('a failed send gives its slot back', async () => {
    const pace = new Pace(new MemoryClock(), 1);
    const { signal } = new AbortController();
    await expect(pace.turn(Infinity, signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await pace.turn(Infinity, signal, () => Promise.resolve('yes'))).toBe('yes');
  });

  test('where the clock is set back, nobody waits for the time that it showed before', async () => {
    const waits: number[] = [];
    let now = 10_000_000;
    const clock = { now: () => now, sleep: async (ms: number) => void waits.push(ms) };
    const pace = new Pace(clock, 2);
    const { signal } = new AbortController();
    await pace.turn(10, signal, () => Promise.resolve());
    now -= 3_600_000;
    await pace.turn(10, signal, () => Promise.resolve());
    // As long as two before it would take, who hold the slots.
    expect(waits).toStrictEqual([200]);
  });

  test('a slot that is free again is given to whoever comes next, one at a time', async () => {
    const turns = new Turns(1);
    const first = turns.take(1, Infinity, 10);
    await turns.clock.advance(20);
    const later = turns.take(2, Infinity, 10);
    await turns.clock.advance(100);
    expect(turns.begun).toStrictEqual([0, 20, 30]);
    await Promise.all([first, later]);
  });

  test('a stop ends every wait, and nothing begins any more', async () => {
    const turns = new Turns(2);
    const taken = turns.take(5, 1, 500);
    await turns.clock.advance(100);
    expect(turns.begun).toStrictEqual([0]);
    turns.stop.abort();
    await turns.clock.advance(1_000);
    expect(await taken).toStrictEqual([1, undefined, undefined, undefined, undefined]);
    expect(turns.begun).toStrictEqual([0]);
  });

  test('after a stop nobody goes, even without a limit', async () => {
    const turns = new Turns(2);
    turns.stop.abort();
    expect(await turns.take(2, Infinity)).toStrictEqual([undefined, undefined]);
  });
});
