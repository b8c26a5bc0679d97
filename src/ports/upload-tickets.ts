import { PortError, type Instant, type ReadingOptions, type Upload } from './vocabulary.ts';

/**
 * Lets people bring an upload to its store by themselves, past this program, and keeps with it how they want it imported.
 * Raises UploadsUnavailable.
 */
export interface UploadTickets {
  /**
   * A place for one upload, and the right to put it there for a while. The upload is called `name`.
   * @throws WishesUnusable where the wishes are too long to travel with an upload
   */
  issue(name: string, wishes: ImportWishes): Promise<UploadTicket>;
  /**
   * What was wished for when the upload was brought; nothing where it came without a ticket.
   * @throws WishesUnusable, UploadMissing, UploadChanged, UploadUnreadable
   */
  wishes(upload: Upload): Promise<ImportWishes>;
}

/** How somebody wants an upload to be imported: what is absent is as usual. */
export interface ImportWishes extends Partial<ReadingOptions> {
  /** Whether the users that it inserts are to be welcomed. */
  readonly welcome?: boolean;
}

/** An HTML form (multipart/form-data, RFC 7578): the fields as they are, then the file as the last one, named `file`. */
export interface UploadTicket {
  /** Where the form is posted to. */
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  /** A longer file is not taken. */
  readonly maxBytes: number;
  /** From then on nothing is taken. */
  readonly expiresAt: Instant;
}

/** The wishes that came with an upload cannot be understood, or are too long to travel with one. */
export class WishesUnusable extends PortError {
  readonly code = 'wishes-unusable';
  readonly retryable = false;
}
