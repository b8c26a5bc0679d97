import type { Clock } from '../../ports/clock.ts';
import type { Codec } from '../../ports/codec.ts';
import type { DeadLetters } from '../../ports/dead-letters.ts';
import type { Ids } from '../../ports/ids.ts';
import { MailPaused, MailRefused, MailUnavailable, MailUncertain, type Mailer } from '../../ports/mailer.ts';
import type { Mailbox } from '../../ports/message-composer.ts';
import type { MessageQueue, Outgoing } from '../../ports/message-queue.ts';
import type { Random } from '../../ports/random.ts';
import type { SendSchedule } from '../../ports/send-schedule.ts';
import type { Instant, Recipient, StopSignal, WelcomeMessage } from '../../ports/vocabulary.ts';
import type { Replaced, WelcomeLedger, WelcomeRecord } from '../../ports/welcome-ledger.ts';
import { LedgerUnavailable } from '../../ports/import-ledger.ts';
import { causeOf } from '../dead-letters.ts';
import { backOff, pauseRetries } from '../retry.ts';
import { sendAll } from '../send-all.ts';
import { composeWelcome, type ComposePorts } from './compose-welcome.ts';
import { Pace } from './pacing.ts';
import { decideClaim, failed, isSameDecision, putBack, refused, sent, uncertain, unavailable } from './welcome.ts';

export interface SendPorts extends ComposePorts {
  readonly welcomes: MessageQueue<WelcomeMessage>;
  readonly ledger: WelcomeLedger;
  readonly mailer: Mailer;
  readonly schedule: SendSchedule;
  readonly deadLetters: DeadLetters;
  readonly codec: Codec<WelcomeMessage>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

export interface SendOptions {
  /** Who the welcomes come from. */
  readonly from: Mailbox;
  /** After how long a welcome that met an exhausted quota or a paused mailer is tried again, in milliseconds. */
  readonly pauseMs: number;
}

/**
 * What came of a message: `paused` says why no mail goes out at all just now. Where its turn is not soon nothing came of it yet, and
 * `turnInMs` says after how long it is to be delivered again.
 */
export interface SendReport {
  readonly sent: number;
  readonly paused?: MailPaused;
  readonly turnInMs?: number;
}

/** A claim outlives the slowest send by this much. */
const leaseMarginMs = 30_000;

const confirmTries = 5;

/** A message whose turn comes later than this waits in its queue, and not in a process, which may be paid for by the second. In milliseconds. */
const soonMs = 2_000;

/** Where a rate holds, so many are claimed at once as are sent within this time. */
const claimSeconds = 5;

/**
 * Welcomes the recipients of a message: claim, send, confirm. Those that are to be tried again go into new messages before
 * the old one is acknowledged, and those that cannot be welcomed into dead letters; so the message is done with in any case.
 */
export class WelcomeSender {
  readonly #ports: SendPorts;
  readonly #options: SendOptions;
  readonly #pace: Pace;
  #channel: string | undefined;

  constructor(ports: SendPorts, options: SendOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#pace = new Pace(ports.clock, ports.mailer.concurrency);
  }

  /**
   * Raises LedgerUnavailable, QueueUnavailable and ScheduleUnavailable: then the message is to be delivered again.
   * @param messageId under which it has its turn, however often it is delivered
   */
  async send(messageId: string, message: WelcomeMessage, stop: StopSignal): Promise<SendReport> {
    const round = new Round();
    const { perSecond, leftToday } = await this.#ports.mailer.quota();
    if (leftToday <= 0) round.paused = new MailPaused('The mail quota of today is used up.');
    else round.paused = await this.#otherChannel();
    if (!round.paused) {
      const turnInMs = await this.#turn(messageId, message.recipients.length / perSecond);
      if (turnInMs > soonMs) return { sent: 0, turnInMs };
      if (turnInMs > 0) await this.#ports.clock.sleep(turnInMs, stop);
    }
    const chunk = this.#claimedAtOnce(perSecond);
    for (let i = 0; i < message.recipients.length; i += chunk) {
      const recipients = message.recipients.slice(i, i + chunk);
      if (round.paused || stop.aborted) round.later(recipients, round.paused ? this.#options.pauseMs : 0);
      else await this.#welcome(recipients, perSecond, stop, round);
    }
    await sendAll(this.#ports, this.#ports.welcomes, round.messages());
    return { sent: round.sent, ...(round.paused && { paused: round.paused }) };
  }

  /** What is claimed when its sender dies counts as uncertain, handed over or not: unless nothing is uncertain here, it is as few as can be. */
  #claimedAtOnce(perSecond: number): number {
    const { idempotent, concurrency } = this.#ports.mailer;
    if (Number.isFinite(perSecond)) return Math.max(1, Math.floor(perSecond * claimSeconds));
    return idempotent ? Infinity : concurrency;
  }

  /** After how many milliseconds it is the message's turn, among all that are to go out through the account. */
  async #turn(messageId: string, seconds: number): Promise<number> {
    if (seconds === 0) return 0;
    const now = this.#ports.clock.now();
    return (await this.#ports.schedule.reserve(messageId, seconds * 1_000, now)) - now;
  }

  /** Welcomes of one ledger go out in one way: a first try into a folder must not use up the real ones. */
  async #otherChannel(): Promise<MailPaused | undefined> {
    const { ledger, mailer } = this.#ports;
    this.#channel ??= await ledger.keepChannel(mailer.kind);
    if (this.#channel === mailer.kind) return undefined;
    return new MailPaused(`Its welcomes go out by ${this.#channel}, and this is ${mailer.kind}.`);
  }

  async #welcome(recipients: readonly Recipient[], perSecond: number, stop: StopSignal, round: Round): Promise<void> {
    const claims = await this.#claim(recipients, round);
    // Where one fails, the sends of the others are under way: they end before it is raised, so that nothing goes on unseen.
    const ends = await Promise.allSettled(
      claims.map(async (claim) => {
        const end = await this.#pace.turn(perSecond, stop, () => this.#sendOne(claim, round));
        await this.#confirm(claim, end ?? putBack(claim.record, this.#ports.clock.now()), round);
      }),
    );
    const first = ends.find((end) => end.status === 'rejected');
    if (first) throw first.reason;
  }

  /** Claims all that can be claimed; what has to wait goes to the round. */
  async #claim(recipients: readonly Recipient[], round: Round): Promise<readonly ClaimedWelcome[]> {
    const { ledger, mailer, clock, ids } = this.#ports;
    const claims: ClaimedWelcome[] = [];
    // Most welcomes have no record yet, so the first try supposes that; the answer tells about the others.
    let open: { readonly recipient: Recipient; readonly kept: WelcomeRecord | undefined }[] = recipients.map((recipient) => ({
      recipient,
      kept: undefined,
    }));
    while (open.length > 0) {
      const now = clock.now();
      const claim = { token: ids.fresh(), leaseUntil: now + mailer.sendTimeoutMs + leaseMarginMs };
      const tries: { readonly recipient: Recipient; readonly record: WelcomeRecord; readonly send: boolean }[] = [];
      for (const { recipient, kept } of open) {
        const decision = decideClaim(kept, recipient, claim, now, mailer.idempotent);
        if (decision.decision === 'wait') round.later([recipient], decision.until - now);
        else if (decision.decision !== 'ended') tries.push({ recipient, record: decision.record, send: decision.decision === 'send' });
      }
      const answers = await ledger.replace(tries.map(({ record }) => record));
      open = [];
      tries.forEach(({ recipient, send }, index) => {
        const answer = answers[index];
        if (!answer?.written) open.push({ recipient, kept: answer?.kept });
        else if (send) claims.push({ recipient, record: answer.kept });
      });
    }
    return claims;
  }

  /** Sends one, and answers what its record says from now on. */
  async #sendOne({ recipient, record }: ClaimedWelcome, round: Round): Promise<WelcomeRecord> {
    const { mailer, clock, random } = this.#ports;
    // Another may claim it when the lease ends: a send that could still be under way then must not begin.
    if (round.paused || clock.now() + mailer.sendTimeoutMs > (record.leaseUntil ?? 0)) return putBack(record, clock.now());
    try {
      const message = await composeWelcome(this.#ports, this.#options.from, recipient, clock.now());
      await mailer.send({ from: this.#options.from.address, to: recipient.address, userId: recipient.userId }, message);
      return sent(record, clock.now());
    } catch (error) {
      const now = clock.now();
      if (error instanceof MailRefused) return refused(record, causeOf(error), now);
      if (error instanceof MailUnavailable) return unavailable(record, causeOf(error), now, random);
      if (error instanceof MailUncertain) return uncertain(record, causeOf(error), now);
      if (!(error instanceof MailPaused)) return failed(record, causeOf(error), now);
      round.paused = error;
      return putBack(record, now);
    }
  }

  async #confirm({ recipient, record: claimed }: ClaimedWelcome, record: WelcomeRecord, round: Round): Promise<void> {
    if (record.state === 'refused' || record.state === 'failed') {
      try {
        await this.#keepDeadLetter(recipient, record);
      } catch (error) {
        // Nothing is decided then: it is tried anew, and was certainly not sent.
        await this.#write(putBack(claimed, record.at));
        throw error;
      }
    }
    const [answer] = await this.#write(record);
    // Where the claim had run out, another has decided since; unless it was this very decision, and its answer was lost.
    if (!answer?.written && !isSameDecision(answer?.kept, record)) {
      this.#leaveToOther(recipient, answer?.kept, round);
      return;
    }
    if (record.state === 'sent') round.sent++;
    if (record.state === 'waiting')
      round.later([recipient], record.retryAt === undefined ? (round.paused ? this.#options.pauseMs : 0) : record.retryAt - record.at);
  }

  /** Whoever has decided meanwhile may have had this very message, delivered twice, and may die: so a message stays until the welcome is settled. */
  #leaveToOther(recipient: Recipient, kept: WelcomeRecord | undefined, round: Round): void {
    if (kept?.state === 'sent' || kept?.state === 'uncertain') return;
    const now = this.#ports.clock.now();
    round.later([recipient], (kept?.leaseUntil ?? kept?.retryAt ?? now) - now);
  }

  /** A mail that went out and is not confirmed becomes an uncertain one: so its confirmation is tried more than once. */
  async #write(record: WelcomeRecord): Promise<readonly Replaced[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ports.ledger.replace([record]);
      } catch (error) {
        if (!(error instanceof LedgerUnavailable) || attempt === confirmTries) throw error;
        await this.#ports.clock.sleep(backOff(pauseRetries, attempt, this.#ports.random));
      }
    }
  }

  /** Kept before the record says so: whoever finds the record finds the letter. */
  async #keepDeadLetter(recipient: Recipient, record: WelcomeRecord): Promise<void> {
    const { deadLetters, codec, ids } = this.#ports;
    await deadLetters.put([
      {
        id: ids.derived('dead-letter', 'welcomes', recipient.userId),
        queue: 'welcomes',
        text: codec.encode({ recipients: [recipient] }),
        code: record.state === 'refused' ? 'mail-refused' : 'mail-failed',
        cause: record.cause ?? '',
        importId: recipient.importId,
        at: record.at,
      },
    ]);
  }
}

interface ClaimedWelcome {
  readonly recipient: Recipient;
  readonly record: WelcomeRecord;
}

/** What one message leaves behind. */
class Round {
  sent = 0;
  paused: MailPaused | undefined;
  readonly #again = new Map<Instant, Recipient[]>();

  /** These are to be welcomed after a while: in one message with others of about the same time. */
  later(recipients: readonly Recipient[], delayMs: number): void {
    const delay = Math.ceil(Math.max(0, delayMs) / 1000) * 1000;
    const group = this.#again.get(delay);
    if (group) group.push(...recipients);
    else this.#again.set(delay, [...recipients]);
  }

  messages(): readonly Outgoing<WelcomeMessage>[] {
    return [...this.#again].map(([delayMs, recipients]) => ({ body: { recipients }, delayMs }));
  }
}
