import type { Clock } from '../../ports/clock.ts';
import { MailPaused, type Envelope, type Mailer, type MailQuota } from '../../ports/mailer.ts';
import { codeOf, Maildir } from './maildir.ts';

/**
 * Puts messages into a maildir, which any mail client opens. A user's message has a name of its own, so sending it again
 * leaves one, also after a mail client has moved it: nothing is ever uncertain. Taken means flushed to the disk.
 * Should the file system hang for longer than `sendTimeoutMs`, whoever sends the message anew writes the same file.
 */
export class MaildirMailer implements Mailer {
  readonly kind = 'maildir';
  readonly idempotent = true;
  readonly concurrency: number;
  readonly sendTimeoutMs: number;
  readonly #path: string;
  readonly #maildir: Maildir;
  #prepared: Promise<void> | undefined;

  /** `path`: the maildir, made if it is not there. */
  constructor(path: string, clock: Clock, options: { readonly concurrency?: number; readonly sendTimeoutMs?: number } = {}) {
    this.concurrency = options.concurrency ?? 32;
    this.sendTimeoutMs = options.sendTimeoutMs ?? 60_000;
    this.#path = path;
    this.#maildir = new Maildir(path, clock);
  }

  quota(): Promise<MailQuota> {
    return Promise.resolve({ perSecond: Infinity, leftToday: Infinity });
  }

  async send(envelope: Envelope, message: Uint8Array): Promise<void> {
    this.#prepared ??= this.#maildir.prepare();
    try {
      await this.#prepared;
      await this.#maildir.keep(envelope.userId, message);
    } catch (error) {
      // Look at the folders again next time: they may have been removed, or mended.
      this.#prepared = undefined;
      throw new MailPaused(`The maildir ${this.#path} cannot be written: ${String(error).replace(/^Error: /, '')}`, {
        cause: error,
        hint: hintFor(error),
      });
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function hintFor(error: unknown): string {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'Give this user the right to write there, or name another directory: --mail maildir:DIR.';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'Something that is not a directory has that name. Name another directory: --mail maildir:DIR.';
    case 'EROFS':
      return 'The file system is read-only. Name another directory: --mail maildir:DIR.';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full. Make room; then sending goes on.';
    default:
      return 'Check the directory, or name another one: --mail maildir:DIR.';
  }
}
