import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../src/ports/clock.ts';

/** What every clock promises. `pass` lets the clock's time pass where the test owns it. */
export function clockContract(label: string, make: () => { readonly clock: Clock; pass(ms: number): void }): void {
  describe(`${label} as a Clock`, () => {
    test('wakes a sleeper when the time has passed, not before', async () => {
      const { clock, pass } = make();
      const before = clock.now();
      const sleep = clock.sleep(20);
      pass(20);
      await sleep;
      expect(clock.now()).toBeGreaterThanOrEqual(before + 19); // A timer may fire a fraction of a millisecond early.
    });

    test('wakes a sleeper who is told to stop, without an error', async () => {
      const { clock } = make();
      const stop = new AbortController();
      const sleep = clock.sleep(3_600_000, stop.signal);
      stop.abort();
      await expect(sleep).resolves.toBeUndefined();
    });

    test('does not sleep at all when told to stop before', async () => {
      await expect(make().clock.sleep(3_600_000, AbortSignal.abort())).resolves.toBeUndefined();
    });

    test.each([0, -1])('does not sleep %d ms', async (ms) => {
      await expect(make().clock.sleep(ms)).resolves.toBeUndefined();
    });

    test('leaves nothing behind on a signal that outlives many sleeps', async () => {
      const { clock, pass } = make();
      const listeners = new Set<() => void>();
      const signal = {
        aborted: false,
        addEventListener: (_: 'abort', listener: () => void) => listeners.add(listener),
        removeEventListener: (_: 'abort', listener: () => void) => listeners.delete(listener),
      };
      for (let turn = 0; turn < 3; turn += 1) {
        const sleep = clock.sleep(1, signal);
        pass(1);
        await sleep;
      }
      expect(listeners.size).toBe(0);
    });
  });
}
