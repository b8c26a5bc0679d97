import { describe, expect, jest, test } from '@jest/globals';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import { SystemIds } from '../../../src/adapters/system/ids.ts';
import { SystemRandom } from '../../../src/adapters/system/random.ts';
import { clockContract } from '../../contracts/clock.contract.ts';
import { idsContract } from '../../contracts/ids.contract.ts';
import { randomContract } from '../../contracts/random.contract.ts';

clockContract('SystemClock', async () => {
  const clock = new SystemClock();
  return { clock, now: () => clock.now(), advance: (ms) => clock.sleep(ms), close: async () => undefined };
});
idsContract('SystemIds', () => new SystemIds());
randomContract('SystemRandom', () => new SystemRandom());

describe('SystemClock', () => {
  test('tells the milliseconds since the epoch', () => {
    const before = Date.now();
    const now = new SystemClock().now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test('sleeps longer than one timer can', async () => {
    jest.useFakeTimers();
    try {
      let awake = false;
      const sleep = new SystemClock().sleep(2 ** 31 + 5).then(() => (awake = true));
      await jest.advanceTimersByTimeAsync(2 ** 31);
      expect(awake).toBe(false);
      await jest.advanceTimersByTimeAsync(5);
      await sleep;
      expect(awake).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });

  test('leaves no timer behind when told to stop', async () => {
    jest.useFakeTimers();
    try {
      const stop = new AbortController();
      const sleep = new SystemClock().sleep(60_000, stop.signal);
      stop.abort();
      await sleep;
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('SystemIds', () => {
  test('makes fresh names of 32 hexadecimal digits', () => {
    expect(new SystemIds().fresh()).toMatch(/^[0-9a-f]{32}$/);
  });
});
