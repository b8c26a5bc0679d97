import { PortError, type ImportId, type Instant, type ReadingOptions, type Rejection, type Upload } from './vocabulary.ts';
import type { Dialect, Position } from './row-reader.ts';

/**
 * What became of every import and of each of its rows.
 *
 * An import's head is a record with a revision: the domain decides what it says, and `replace` writes it only over
 * the revision that the decision was made from. Batch results only ever accumulate.
 * Raises LedgerUnavailable.
 */
export interface ImportLedger {
  /** Keeps the head if no import has its id; answers the one that is kept. */
  create(head: ImportHead): Promise<ImportHead>;
  find(id: ImportId): Promise<ImportHead | undefined>;
  /** The newest first. */
  list(limit: number, before?: ImportId): Promise<readonly ImportHead[]>;
  /** Writes the head with its revision raised by one if the kept one still has `head.revision`; answers whether it did. */
  replace(head: ImportHead): Promise<boolean>;

  /**
   * Keeps each result unless its batch (importId, firstRow) has one, and adds up the counts of those it kept, in one transaction each.
   * A batch's failure is forgotten with it. Durable when it answers.
   */
  record(results: readonly BatchResult[]): Promise<void>;
  progress(id: ImportId): Promise<Progress>;

  /** Notes that a part of the import failed, and answers how often it has since it last succeeded or was made a dead letter. */
  noteFailure(failure: PartFailure): Promise<number>;
  /** The part lies in dead letters now: its attempts start again at nothing. */
  markDeadLettered(failure: PartFailure): Promise<void>;
  /** The part succeeded, or was sent back for another try: nothing is held against it. */
  clearFailure(id: ImportId, part: ImportPart): Promise<void>;

  /** Rows from `fromRow` on, one outcome each; rows without one yet are left out. */
  outcomes(id: ImportId, fromRow: number, limit: number): Promise<readonly RowOutcome[]>;
  /** Rejections of rows after `afterRow`, by row. */
  rejections(id: ImportId, afterRow: number, limit: number): Promise<readonly Rejection[]>;
}

/**
 * How far an import's reading has come. `reading`: rows are being read. `read`: all are. `refused`: the file as a whole could not be read.
 * `cancelled`: a person ended the reading; rows that were queued by then are still stored.
 */
export type ImportState = 'reading' | 'read' | 'completed' | 'refused' | 'cancelled';

export interface ImportHead {
  readonly id: ImportId;
  readonly revision: number;
  readonly upload: Upload;
  readonly options: ReadingOptions;
  /** Whether the users that it inserts are to be welcomed. */
  readonly welcome: boolean;
  readonly createdAt: Instant;
  readonly state: ImportState;
  /** Set when the first reader starts, and used by every later one. */
  readonly plan?: ReadingPlan;
  readonly lease?: ReaderLease;
  readonly checkpoint?: Checkpoint;
  /** How many batches there are: known when the state is `read`. */
  readonly batches?: number;
  /** When it was completed, or cancelled. */
  readonly completedAt?: Instant;
  /** Why it was refused. */
  readonly refusal?: Refusal;
}

/** How rows become records: fixed for the whole of an import. */
export interface ReadingPlan {
  /** The version of the rules that made it. */
  readonly rules: number;
  readonly dialect: Dialect;
  readonly columns: ColumnPlan;
  readonly batchRows: number;
  readonly batchBytes: number;
}

/** Which cells mean what, by index counted from 0. */
export interface ColumnPlan {
  /** The first row's values where it is a header. */
  readonly header?: readonly string[];
  readonly email: number;
  /** One column, or several that make the name together, in this order. */
  readonly name: readonly number[];
  readonly keep: readonly { readonly index: number; readonly as: string }[];
  /** Where the file is one of our own rejects: the columns that were added to the original ones, and whose cells were made harmless. */
  readonly rejects?: boolean;
}

/** Who may read the import, and until when. */
export interface ReaderLease {
  /** The id of the `uploads` message. */
  readonly holder: string;
  readonly until: Instant;
}

/** Everything before it was sent. */
export interface Checkpoint {
  readonly position: Position;
  /** The last data row that was sent. */
  readonly row: number;
  /** How many batches were sent. */
  readonly batches: number;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What became of one row. */
export type Outcome = 'inserted' | 'updated' | 'duplicate' | 'rejected';

export interface BatchResult {
  readonly importId: ImportId;
  readonly firstRow: number;
  /** One outcome a row, in order. */
  readonly outcomes: readonly Outcome[];
  readonly rejections: readonly Rejection[];
}

/** Sums over the batches that have a result. */
export interface Progress {
  readonly batches: number;
  readonly inserted: number;
  readonly updated: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Parts of the import that lie in dead letters. */
  readonly deadLetters: number;
}

/** A part of an import that can fail by itself: its reading, or the batch that starts at a row. */
export type ImportPart = 'upload' | number;

export interface PartFailure {
  readonly importId: ImportId;
  readonly part: ImportPart;
  readonly cause: string;
  readonly at: Instant;
}

export interface RowOutcome {
  readonly row: number;
  readonly outcome: Outcome;
}

/** The ledger did not answer, is throttled, or its database is busy or full. */
export class LedgerUnavailable extends PortError {
  readonly code = 'ledger-unavailable';
  readonly retryable = true;
}
