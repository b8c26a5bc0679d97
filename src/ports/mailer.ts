import { PortError, type UserId } from './vocabulary.ts';

/**
 * Hands messages to whoever carries them.
 * An error of `send` says what is known: MailRefused, MailUnavailable and MailPaused are certain that nothing was taken.
 */
export interface Mailer {
  /** How mail goes out, such as `smtp` or `maildir`: a database remembers it. */
  readonly kind: string;
  /** True where sending the same message twice leaves one: then nothing is ever uncertain. */
  readonly idempotent: boolean;
  /** How many sends may be under way at once. */
  readonly concurrency: number;
  /** No send takes longer than this. In milliseconds. */
  readonly sendTimeoutMs: number;
  /** How much may be sent. */
  quota(): Promise<MailQuota>;
  /**
   * Resolves when the message was taken.
   * @throws MailRefused, MailUnavailable, MailPaused, MailUncertain
   */
  send(envelope: Envelope, message: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface Envelope {
  readonly from: string;
  readonly to: string;
  readonly userId: UserId;
}

/** `Infinity` where there is no limit. */
export interface MailQuota {
  readonly perSecond: number;
  /** How many may still go out today. */
  readonly leftToday: number;
}

/** This message, or its recipient, is refused for good (SMTP 5yz). */
export class MailRefused extends PortError {
  readonly code = 'mail-refused';
  readonly retryable = false;
}

/** This message was not taken now, and may be later (SMTP 4yz). Nothing was handed over. */
export class MailUnavailable extends PortError {
  readonly code = 'mail-unavailable';
  readonly retryable = true;
}

/** No message is taken now, whoever it is for: the server is down, the account is paused, the sender is refused. Nothing was handed over. */
export class MailPaused extends PortError {
  readonly code = 'mail-paused';
  readonly retryable = true;
}

/** The message was handed over and the answer is missing: it may have been taken. */
export class MailUncertain extends PortError {
  readonly code = 'mail-uncertain';
  readonly retryable = true;
}
