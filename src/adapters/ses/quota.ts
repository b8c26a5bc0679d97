import type { Clock } from '../../ports/clock.ts';
import type { MailQuota } from '../../ports/mailer.ts';
import type { Instant } from '../../ports/vocabulary.ts';

/** SES answers GetSendQuota once a second an account, so many senders must not ask for every message. In milliseconds. */
const keptForMs = 60_000;

/** The account's quota, asked for now and then. */
export class Quota {
  readonly #ask: () => Promise<MailQuota>;
  readonly #clock: Clock;
  #kept: { readonly quota: MailQuota; readonly at: Instant } | undefined;
  #asking: Promise<MailQuota> | undefined;
  /** Since it was asked for. */
  #sent = 0;

  /** @param ask answers the whole account's quota */
  constructor(ask: () => Promise<MailQuota>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Raises what asking raises, where nothing is known yet: an older answer does as well. */
  async get(): Promise<MailQuota> {
    const kept = this.#kept;
    if (kept && this.#clock.now() - kept.at < keptForMs) return this.#left(kept.quota);
    this.#asking ??= this.#renew().finally(() => (this.#asking = undefined));
    return this.#left(await this.#asking);
  }

  sentOne(): void {
    this.#sent += 1;
  }

  async #renew(): Promise<MailQuota> {
    let quota: MailQuota;
    try {
      quota = await this.#ask();
      this.#sent = 0;
    } catch (error) {
      if (!this.#kept) throw error;
      // Who is turned away asks no sooner than the others.
      quota = this.#kept.quota;
    }
    this.#kept = { quota, at: this.#clock.now() };
    return quota;
  }

  #left({ perSecond, leftToday }: MailQuota): MailQuota {
    // An account that may send nothing has no rate.
    if (perSecond <= 0) return { perSecond: 1, leftToday: 0 };
    return { perSecond, leftToday: Math.max(0, leftToday - this.#sent) };
  }
}
