import { GetSendQuotaCommand, SendRawEmailCommand, type SESClient } from '@aws-sdk/client-ses';
import type { Clock } from '../../ports/clock.ts';
import { MailPaused, type Envelope, type Mailer, type MailQuota } from '../../ports/mailer.ts';
import type { Random } from '../../ports/random.ts';
import { failureOf, isRateThrottling, quotaFailureOf } from './failure.ts';
import { Handover } from './handover.ts';
import { Quota } from './quota.ts';

export interface SesOptions {
  /** For this mailer alone, and its connections too: they are closed by it. */
  readonly client: SESClient;
  readonly clock: Clock;
  readonly random: Random;
  /** Its events say what became of each mail, with the tags. */
  readonly configurationSet?: string;
  /** How many sends may be under way at once; not more than the client has sockets (50 by default). */
  readonly concurrency?: number;
  /** How long a send may take, waits for the account's rate included. Too short makes uncertain sends. In milliseconds. */
  readonly timeoutMs?: number;
}

/** SES counts its rate over seconds: so long a send waits for it, in milliseconds, and then it is for the queue to wait. */
const rateWaitsMs = [1_000, 2_000, 4_000];

/**
 * A connection that was idle for longer may have been closed by the other side unseen, as a function is frozen between its invocations; a
 * send over it would be uncertain. In milliseconds.
 */
const idleMs = 5_000;

/**
 * Hands messages to Amazon SES by SendRawEmail, with the tag `user-id`, which the events of the configuration set carry back.
 * SES puts a Message-ID of its own in the place of the message's: two sends of one welcome cannot be told for the same by it.
 *
 * A message is handed over in one request: no retry of the SDK makes a second one, whatever the client's settings. What failed
 * before there was a connection is certain not to have been sent. A send that is turned away for the account's rate waits a few
 * seconds and asks again; that is no attempt of the message, as nothing was taken.
 *
 * In SES's sandbox mail to an unverified recipient pauses all: nothing is lost, and those behind it wait, too.
 */
export class SesMailer implements Mailer {
  readonly kind = 'ses';
  readonly idempotent = false;
  readonly concurrency: number;
  readonly sendTimeoutMs: number;
  readonly #options: SesOptions;
  readonly #timeoutMs: number;
  readonly #quota: Quota;
  readonly #underWay = new Set<Promise<void>>();
  #closed = false;
  /** Requests under way, and when the last one began or ended. */
  #requests = 0;
  #usedAt = -Infinity;

  constructor(options: SesOptions) {
    this.#options = options;
    this.concurrency = options.concurrency ?? 16;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.sendTimeoutMs = this.#timeoutMs + 5_000;
    this.#quota = new Quota(() => this.#askQuota(), options.clock);
  }

  /** The account's rate, and what is left of its quota of 24 hours; kept for a minute. Raises MailPaused. */
  quota(): Promise<MailQuota> {
    return this.#quota.get();
  }

  send(envelope: Envelope, message: Uint8Array): Promise<void> {
    const sending = this.#send(envelope, message);
    this.#underWay.add(sending);
    const done = () => this.#underWay.delete(sending);
    sending.then(done, done);
    return sending;
  }

  /** Waits for the sends that are under way, and closes the client's connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    this.#options.client.destroy();
  }

  async #send(envelope: Envelope, message: Uint8Array): Promise<void> {
    if (this.#closed) throw new MailPaused('The connections to SES are closed');
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      deadline.abort();
    }, this.#timeoutMs);
    try {
      await this.#patiently(() => this.#handOver(envelope, message, deadline.signal), deadline.signal);
      this.#quota.sentOne();
    } finally {
      clearTimeout(timer);
    }
  }

  async #handOver(envelope: Envelope, message: Uint8Array, signal: AbortSignal): Promise<void> {
    const { client, configurationSet } = this.#options;
    const handover = new Handover(
      new SendRawEmailCommand({
        Source: envelope.from,
        Destinations: [envelope.to],
        RawMessage: { Data: message },
        Tags: [{ Name: 'user-id', Value: envelope.userId }],
        ...(configurationSet !== undefined && { ConfigurationSetName: configurationSet }),
      }),
    );
    try {
      await handover.run((command) => this.#connected(() => client.send(command, { abortSignal: signal })));
    } catch (error) {
      throw failureOf(error, handover.stage, envelope);
    }
  }

  async #askQuota(): Promise<MailQuota> {
    try {
      const abortSignal = AbortSignal.timeout(this.#timeoutMs);
      const answer = await this.#connected(() => this.#options.client.send(new GetSendQuotaCommand({}), { abortSignal }));
      const { Max24HourSend: most = 0, SentLast24Hours: sent = 0, MaxSendRate: perSecond = 0 } = answer;
      // https://docs.aws.amazon.com/ses/latest/APIReference/API_GetSendQuota.html: -1 is no limit.
      return { perSecond, leftToday: most === -1 ? Infinity : Math.max(0, most - sent) };
    } catch (error) {
      throw quotaFailureOf(error);
    }
  }

  /** Makes a request over connections that were in use a moment ago, or over new ones. */
  async #connected<T>(request: () => Promise<T>): Promise<T> {
    const { client, clock } = this.#options;
    if (this.#requests === 0 && clock.now() - this.#usedAt > idleMs) client.destroy();
    this.#requests += 1;
    this.#usedAt = clock.now();
    try {
      return await request();
    } finally {
      this.#requests -= 1;
      this.#usedAt = clock.now();
    }
  }

  /** Runs it again after a while where SES turned it away for the rate alone. */
  async #patiently(run: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (const wait of rateWaitsMs) {
      try {
        await run();
        return;
      } catch (error) {
        if (!isRateThrottling((error as Error).cause)) throw error;
        await this.#options.clock.sleep(wait * (0.5 + this.#options.random.next()), signal);
        if (signal.aborted) throw error;
      }
    }
    await run();
  }
}
