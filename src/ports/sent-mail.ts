import type { UserId } from './vocabulary.ts';

/** The welcomes as they were sent, where they are kept. */
export interface SentMail {
  /** The message that the user got, byte for byte. */
  find(user: UserId): Promise<Uint8Array | undefined>;
}
