/**
 * The few plain shapes that several ports share. Everything here is readonly data: no behaviour, no technology.
 */

/** Names an import. Derived from the upload and the options that change its reading, so the same upload is the same import. */
export type ImportId = string;

/** The folded form of an address: two rows with one key are one person. Lower case, ASCII. */
export type AddressKey = string;

/** A user's public name, derived from the address key. Holds no personal data, so it may stand in logs and Message-IDs. */
export type UserId = string;

/** Milliseconds since the epoch. */
export type Instant = number;

/** Further columns of a row that were kept, by column name. */
export type Attributes = Readonly<Record<string, string>>;

/** A valid row: what an account is made of. */
export interface UserRecord {
  /** The data row it came from, counted from 1. */
  readonly row: number;
  readonly key: AddressKey;
  /** The address as written, with an international domain in its ASCII form. */
  readonly address: string;
  readonly name: string;
  readonly attributes?: Attributes;
}

/** A row that did not become a record, and why. */
export interface Rejection {
  readonly row: number;
  /** The line of the file on which the row starts, counted from 1. */
  readonly line: number;
  /** The column at fault as the header names it, or as `column 2`; empty where the whole row is at fault. */
  readonly column: string;
  /** A stable code; `domain/user-import/rejections.ts` lists them. */
  readonly code: string;
  /** One sentence: what is wrong and what to do. */
  readonly reason: string;
  /** The row's cells as they were read, up to 64 KiB. */
  readonly cells: readonly string[];
  /** True where `cells` were cut to fit. */
  readonly cut: boolean;
}

/** What a row of an existing address does. */
export type OnExisting = 'skip' | 'update';

/** A contiguous range of rows that travels as one message, its rejected rows with it. Named by (importId, firstRow). */
export interface RecordBatch {
  readonly importId: ImportId;
  /** When the import was created: the first part of every version that its rows write. */
  readonly importedAt: Instant;
  readonly firstRow: number;
  /** How many rows the range holds: records and rejections together. */
  readonly rows: number;
  readonly onExisting: OnExisting;
  /** False where no welcome is wanted for the users that this import inserts. */
  readonly welcome: boolean;
  readonly records: readonly UserRecord[];
  readonly rejections: readonly Rejection[];
}

/** Which row made a user. Never changes. */
export interface Origin {
  readonly importId: ImportId;
  readonly row: number;
}

/** An account. */
export interface User {
  readonly key: AddressKey;
  readonly address: string;
  readonly name: string;
  readonly attributes?: Attributes;
  readonly origin: Origin;
  /** Whether a welcome is wanted; fixed at the insert. */
  readonly welcome: boolean;
}

/** Bytes that somebody handed in, as its store knows them. */
export interface Upload {
  /** Its identity: equal for equal bytes (`sha256:…`), or the store's own name and version of the object. */
  readonly identity: string;
  /** Where its store finds it again. */
  readonly location: string;
  /** How a person calls it: a file name. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/** The options that change how an upload is read: part of an import's identity. */
export interface ReadingOptions {
  readonly encoding?: string;
  readonly delimiter?: string;
  /** Column for a field, by header name or by number counted from 1. */
  readonly map: { readonly email?: string; readonly name?: string };
  /** Further columns to keep as attributes; `*` keeps all. */
  readonly keep: readonly string[];
  readonly onExisting: OnExisting;
}

/** On the `uploads` queue. */
export type UploadMessage = ReadImport | UploadsLanded;

/** This import is to be read, from its checkpoint on. */
export interface ReadImport {
  readonly importId: ImportId;
}

/** The store says that these uploads are there now: each is to be imported. None where the store only tried whether it is heard. */
export interface UploadsLanded {
  readonly landed: readonly Upload[];
}

/** A user who is to be welcomed, with what the welcome says. */
export interface Recipient {
  readonly userId: UserId;
  readonly address: string;
  readonly name: string;
  readonly attributes?: Attributes;
  /** The import that inserted the user. */
  readonly importId: ImportId;
}

/** On the `welcomes` queue: welcome these users. */
export interface WelcomeMessage {
  readonly recipients: readonly Recipient[];
}

/** Tells a wait or a loop to end early: the part of the platform's AbortSignal that is used here. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The queues by name. */
export type QueueName = 'uploads' | 'records' | 'welcomes';

/**
 * An error that an adapter raises on purpose: a fact, a stable code, and whether trying again can help.
 * `message` says what happened; `hint` what the person can do.
 */
export abstract class PortError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;
  readonly hint: string | undefined;

  constructor(message: string, options: { readonly cause?: unknown; readonly hint?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.hint = options.hint;
  }
}
