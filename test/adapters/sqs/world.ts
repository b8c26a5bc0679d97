import { jest } from '@jest/globals';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AwsEmulator } from '../../emulators/aws.ts';

/** A client of the emulator's queues that knows how many of its requests are under way. */
export class CountedClient {
  readonly client: SQSClient;
  underWay = 0;

  constructor(emulator: AwsEmulator) {
    this.client = new SQSClient(emulator.settings);
    this.client.middlewareStack.add(
      (next) => async (args) => {
        this.underWay += 1;
        try {
          return await next(args);
        } finally {
          this.underWay -= 1;
        }
      },
      { step: 'initialize' },
    );
  }
}

/** Time of the test's own, for adapter and emulator alike: it stands still but for `advance`. Requests take none of it. */
export class OwnTime {
  readonly #emulator: AwsEmulator;
  readonly #clients: readonly CountedClient[];

  constructor(emulator: AwsEmulator, clients: readonly CountedClient[]) {
    this.#emulator = emulator;
    this.#clients = clients;
    jest.useFakeTimers({ doNotFake: ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] });
  }

  /** Lets time pass after everything that is asked for is answered, or waits for messages; and what it brings about happen. */
  async advance(ms: number): Promise<void> {
    await this.#settled();
    await jest.advanceTimersByTimeAsync(ms);
    await this.#settled();
  }

  end(): void {
    jest.useRealTimers();
  }

  async #settled(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#clients.reduce((sum, { underWay }) => sum + underWay, 0) !== this.#emulator.parked);
  }
}
