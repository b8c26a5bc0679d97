import type { Clock } from '../../ports/clock.ts';
import type { Instant, StopSignal } from '../../ports/vocabulary.ts';

/** The longest time that one timer can wait, in milliseconds: Node's timers count in 32 bits. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock. */
export class SystemClock implements Clock {
  now(): Instant {
    return Date.now();
  }

  async sleep(ms: number, signal?: StopSignal): Promise<void> {
    for (let left = ms; left > 0 && signal?.aborted !== true; left -= longestTimerMs) await wait(Math.min(left, longestTimerMs), signal);
  }
}

function wait(ms: number, signal: StopSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
