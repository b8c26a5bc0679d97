import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { StopSignal } from '../../../src/ports/vocabulary.ts';

/**
 * Time for who sleeps between requests to a real service: it stands still while a request is under way, and goes on to the next
 * waking as soon as there is none. So no lease ends because a machine is slow, and nobody really waits.
 */
export class IdleClock implements Clock {
  readonly #time = new MemoryClock();
  readonly #ticking: NodeJS.Timeout;
  #requests = 0;
  #passing: Promise<void> = Promise.resolve();

  constructor() {
    this.#ticking = setInterval(() => {
      const next = this.#time.nextWakeAt();
      if (this.#requests === 0 && next !== undefined) void this.advance(next - this.#time.now());
    }, 2);
  }

  now(): number {
    return this.#time.now();
  }

  sleep(ms: number, signal?: StopSignal): Promise<void> {
    return this.#time.sleep(ms, signal);
  }

  /** Lets `ms` milliseconds pass, once no request is under way. */
  advance(ms: number): Promise<void> {
    const pass = async () => {
      while (this.#requests > 0) await new Promise((resolve) => setImmediate(resolve));
      await this.#time.advance(ms);
    };
    this.#passing = this.#passing.then(pass);
    return this.#passing;
  }

  /** Time stands still while this request is under way. */
  async during<T>(request: () => Promise<T>): Promise<T> {
    this.#requests += 1;
    try {
      return await request();
    } finally {
      this.#requests -= 1;
    }
  }

  stop(): void {
    clearInterval(this.#ticking);
  }
}
