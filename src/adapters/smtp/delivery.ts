import { Readable } from 'node:stream';
import type SMTPPool from 'nodemailer/lib/smtp-pool';
import type { Envelope } from '../../ports/mailer.ts';
import type { Stage } from './failure.ts';

type PoolMail = Parameters<SMTPPool['send']>[0];

/**
 * One message on its way through nodemailer's pool, and how far it has come. It is what a transport is given by
 * nodemailer (`mail.data`, `mail.message`), made by hand: the message is ready, so there is nothing to compose.
 */
export class Delivery {
  stage: Stage = 'connecting';
  readonly #envelope: Envelope;
  readonly #bytes: Uint8Array;
  readonly #signal: AbortSignal;

  constructor(envelope: Envelope, bytes: Uint8Array, signal: AbortSignal) {
    this.#envelope = envelope;
    this.#bytes = bytes;
    this.#signal = signal;
  }

  /** As the pool wants it. The pool reads no other part of a MailMessage (a test sends through it). */
  toMail(): PoolMail {
    const message = {
      // Asked for when a session stands, just before MAIL FROM.
      getEnvelope: () => {
        this.stage = 'addressing';
        return { from: this.#envelope.from, to: [this.#envelope.to] };
      },
      // Read when the server has said 354 to DATA, and not before.
      createReadStream: () => new Body(this.#bytes, () => (this.stage = 'handing-over')),
      getHeader: () => '',
      messageId: () => '',
    };
    return { data: { signal: this.#signal }, message } as unknown as PoolMail;
  }
}

/** The bytes as a stream that tells when it is first read. */
class Body extends Readable {
  readonly #bytes: Uint8Array;
  readonly #onRead: () => void;

  constructor(bytes: Uint8Array, onRead: () => void) {
    super();
    this.#bytes = bytes;
    this.#onRead = onRead;
  }

  override _read(): void {
    this.#onRead();
    this.push(this.#bytes);
    this.push(null);
  }
}
