import type { Instant } from './vocabulary.ts';

/** Makes an e-mail message of the Internet Message Format (RFC 5322, MIME) out of its parts. */
export interface MessageComposer {
  compose(message: Message): Promise<Uint8Array>;
}

export interface Message {
  readonly from: Mailbox;
  readonly to: Mailbox;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Without angle brackets. */
  readonly messageId: string;
  readonly date: Instant;
  /** Further headers by name. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Mailbox {
  readonly address: string;
  readonly name?: string;
}
