import SMTPPool from 'nodemailer/lib/smtp-pool';
import { MailPaused, type Envelope, type Mailer, type MailQuota } from '../../ports/mailer.ts';
import { Delivery } from './delivery.ts';
import { failureOf } from './failure.ts';

/** Where and how mail is handed in. Times in milliseconds. */
export interface SmtpOptions {
  readonly host: string;
  /** 465 where `secure`, else 25. */
  readonly port?: number;
  /** TLS from the first byte on (`smtps://`, RFC 8314 3.3). Else STARTTLS is used where the server offers it (RFC 3207). */
  readonly secure?: boolean;
  /** Send nothing without TLS. By default so where there is a login and the server is not this machine. */
  readonly requireTls?: boolean;
  readonly login?: { readonly user: string; readonly password: string };
  /** Certificates (PEM) of authorities to trust instead of the built-in ones. */
  readonly authorities?: string;
  /** How many connections: that many sends are under way at once. */
  readonly connections?: number;
  /** From the look-up of the host name to the greeting and the end of STARTTLS. */
  readonly connectTimeoutMs?: number;
  /** How long the server may take for its greeting once connected, and for STARTTLS. */
  readonly greetingTimeoutMs?: number;
  /** How long the server may be silent. Too short makes uncertain sends: it counts for the answer to the message, too. */
  readonly silenceTimeoutMs?: number;
  /** What the server allows, where it is known. */
  readonly perSecond?: number;
}

/**
 * Hands messages to a mail server by SMTP (RFC 5321), over a pool of connections that are kept and used again.
 *
 * A certificate is checked wherever TLS is required or a password is sent. Opportunistic STARTTLS without either takes any
 * certificate: a man in the middle could as well have taken the offer of STARTTLS away (RFC 7435 3).
 *
 * A connection that the server closed while it was idle, or that it bids farewell with 421, is replaced without a word; only
 * where a new one gets nowhere either, a send fails.
 */
export class SmtpMailer implements Mailer {
  readonly kind = 'smtp';
  readonly idempotent = false;
  readonly concurrency: number;
  readonly sendTimeoutMs: number;
  readonly #pool: SMTPPool;
  readonly #server: string;
  readonly #perSecond: number;
  readonly #deadlineMs: number;
  readonly #underWay = new Set<Promise<void>>();
  #closed = false;

  constructor(options: SmtpOptions) {
    const secure = options.secure ?? false;
    const port = options.port ?? (secure ? 465 : 25);
    const requireTls = options.requireTls ?? (options.login !== undefined && !isThisMachine(options.host));
    const connectTimeoutMs = options.connectTimeoutMs ?? 15_000;
    const greetingTimeoutMs = options.greetingTimeoutMs ?? 15_000;
    const silenceTimeoutMs = options.silenceTimeoutMs ?? 60_000;
    this.concurrency = options.connections ?? 8;
    this.#server = `${options.host}:${port}`;
    this.#perSecond = options.perSecond ?? Infinity;
    // A server that trickles its replies is never silent: the deadline ends that.
    this.#deadlineMs = connectTimeoutMs + greetingTimeoutMs + 2 * silenceTimeoutMs;
    this.sendTimeoutMs = this.#deadlineMs + 5_000;
    this.#pool = new SMTPPool({
      host: options.host,
      port,
      secure,
      requireTLS: requireTls && !secure,
      ...(options.login && { auth: { user: options.login.user, pass: options.login.password }, forceAuth: true }),
      tls: {
        rejectUnauthorized: secure || requireTls || options.login !== undefined,
        ...(options.authorities !== undefined && { ca: options.authorities }),
      },
      connectionTimeout: connectTimeoutMs,
      dnsTimeout: connectTimeoutMs,
      greetingTimeout: greetingTimeoutMs,
      socketTimeout: silenceTimeoutMs,
      maxConnections: this.concurrency,
      // A server that wants fewer says so with 421. Closing by ourselves costs 100 ms a time.
      maxMessages: Infinity,
      maxRequeues: 1,
    });
  }

  quota(): Promise<MailQuota> {
    return Promise.resolve({ perSecond: this.#perSecond, leftToday: Infinity });
  }

  send(envelope: Envelope, message: Uint8Array): Promise<void> {
    const sending = this.#deliver(envelope, message);
    this.#underWay.add(sending);
    const done = () => this.#underWay.delete(sending);
    sending.then(done, done);
    return sending;
  }

  /** Waits for the sends that are under way, and closes the connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    this.#pool.close();
  }

  #deliver(envelope: Envelope, message: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(new MailPaused(`The connections to ${this.#server} are closed`));
    return new Promise((resolve, reject) => {
      const deadline = new AbortController();
      const timer = setTimeout(() => {
        deadline.abort();
      }, this.#deadlineMs);
      const delivery = new Delivery(envelope, message, deadline.signal);
      this.#pool.send(delivery.toMail(), (error) => {
        clearTimeout(timer);
        if (error) reject(failureOf(error, delivery.stage, this.#server));
        else resolve();
      });
    });
  }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
