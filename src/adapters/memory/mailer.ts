import { MailPaused, MailRefused, MailUnavailable, MailUncertain, type Envelope, type Mailer, type MailQuota } from '../../ports/mailer.ts';
import type { SentMail } from '../../ports/sent-mail.ts';
import type { UserId } from '../../ports/vocabulary.ts';

/** What the mailer does with a message. `uncertain`: takes it and gives no answer; `lost`: gives no answer and did not take it. */
export type MemoryAnswer = 'take' | 'refuse' | 'be-unavailable' | 'pause' | 'be-uncertain' | 'lose';

/** A message as it was taken. */
export interface TakenMail {
  readonly envelope: Envelope;
  readonly bytes: Uint8Array;
  /** How often it was handed over and taken: 2 means that the user has it twice. */
  readonly times: number;
}

/** Keeps messages in memory. What it answers can be set at any time. */
export class MemoryMailer implements Mailer {
  readonly kind = 'memory';
  readonly idempotent: boolean;
  readonly concurrency: number;
  readonly sendTimeoutMs: number;
  /** By user, in the order of first sending. */
  readonly taken = new Map<UserId, TakenMail>();
  /** How often `send` was called, whatever came of it. */
  sends = 0;
  /** Decides about each message; takes all at first. */
  answer: (envelope: Envelope) => MemoryAnswer | Promise<MemoryAnswer> = () => 'take';
  /** What may be sent. */
  allowance: MailQuota = { perSecond: Infinity, leftToday: Infinity };

  constructor(options: { readonly idempotent?: boolean; readonly concurrency?: number; readonly sendTimeoutMs?: number } = {}) {
    this.idempotent = options.idempotent ?? false;
    this.concurrency = options.concurrency ?? 10;
    this.sendTimeoutMs = options.sendTimeoutMs ?? 1_000;
  }

  quota(): Promise<MailQuota> {
    return Promise.resolve(this.allowance);
  }

  async send(envelope: Envelope, message: Uint8Array): Promise<void> {
    this.sends += 1;
    switch (await this.answer(envelope)) {
      case 'refuse':
        throw new MailRefused('The memory refuses this message', { hint: 'It was told to.' });
      case 'be-unavailable':
        throw new MailUnavailable('The memory does not take this message now', { hint: 'It was told to.' });
      case 'pause':
        throw new MailPaused('The memory takes no message now', { hint: 'It was told to.' });
      case 'lose':
        throw new MailUncertain('The memory does not say whether it took the message');
      case 'be-uncertain':
        this.#take(envelope, message);
        throw new MailUncertain('The memory does not say whether it took the message');
      case 'take':
        this.#take(envelope, message);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #take(envelope: Envelope, bytes: Uint8Array): void {
    const times = this.idempotent ? 1 : (this.taken.get(envelope.userId)?.times ?? 0) + 1;
    this.taken.set(envelope.userId, { envelope, bytes: Uint8Array.from(bytes), times });
  }
}

/** The messages that a MemoryMailer took. */
export class MemorySentMail implements SentMail {
  readonly #mailer: MemoryMailer;

  constructor(mailer: MemoryMailer) {
    this.#mailer = mailer;
  }

  find(user: UserId): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#mailer.taken.get(user)?.bytes);
  }
}
