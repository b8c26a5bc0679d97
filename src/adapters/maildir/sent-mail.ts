import type { Clock } from '../../ports/clock.ts';
import type { SentMail } from '../../ports/sent-mail.ts';
import type { UserId } from '../../ports/vocabulary.ts';
import { Maildir } from './maildir.ts';

/** Finds the welcomes that a MaildirMailer put into a maildir, read or unread. */
export class MaildirSentMail implements SentMail {
  readonly #maildir: Maildir;

  constructor(path: string, clock: Clock) {
    this.#maildir = new Maildir(path, clock);
  }

  async find(user: UserId): Promise<Uint8Array | undefined> {
    return this.#maildir.find(user);
  }
}
