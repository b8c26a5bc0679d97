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
  /**
   * The upload that came by the ticket for this place, as the store tells of it; nothing while it is not there, or where no ticket has that place.
   * Of several that came by one ticket, the last.
   * @throws UploadUnreadable
   */
  find(place: string): Promise<Upload | undefined>;
  /** Of what origin (RFC 6454) the `url` of every ticket is: pages must be allowed to post there. */
  origin(): Promise<string>;
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
  /** Names the ticket: by it the upload is found once it is there. No secret, and of any characters. */
  readonly place: string;
  /** From then on nothing is taken. */
  readonly expiresAt: Instant;
}

/** The wishes that came with an upload cannot be understood, or are too long to travel with one. */
export class WishesUnusable extends PortError {
  readonly code = 'wishes-unusable';
  readonly retryable = false;
}
