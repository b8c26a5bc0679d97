import { PortError } from './vocabulary.ts';

/** Reads rows out of bytes. */
export interface RowReader {
  /**
   * How the bytes are to be read: what was wished for, and a guess at the rest. Reads no more of them than it needs.
   * @throws UnknownEncoding, UnusableDelimiter, WrongEncoding, NotText, TooManyColumns
   */
  detect(bytes: AsyncIterable<Uint8Array>, wanted: { readonly encoding?: string; readonly delimiter?: string }): Promise<Dialect>;
  /**
   * All rows, the header included, in blocks. A row that is malformed is a value like the others, and the rest of the file goes on.
   * To resume, hand in the position and the bytes from its offset on: the rows after it are the same as without the interruption.
   */
  read(bytes: AsyncIterable<Uint8Array>, dialect: Dialect, from?: Position): AsyncIterable<RowBlock>;
}

/** How bytes become rows. */
export interface Dialect {
  /** A name of the WHATWG Encoding Standard, in lower case. */
  readonly encoding: string;
  /** Bytes of byte order mark before the first row. */
  readonly bom: number;
  readonly delimiter: string;
}

/** Rows that follow each other. */
export interface RowBlock {
  readonly rows: readonly Row[];
  /** Where reading can start again after the block's last row; absent where it cannot. */
  readonly position?: Position;
}

/** A row of the file; blank lines are not rows. */
export interface Row {
  /** Counted from 0, the header included. */
  readonly ordinal: number;
  /** The line on which it starts, counted from 1. */
  readonly line: number;
  /** The values as they stand in the file, quotes removed. Cut to 64 KiB where there is a flaw. */
  readonly cells: readonly string[];
  readonly flaw?: RowFlaw;
}

/**
 * Why a row cannot be understood: it is over 1 MiB; a quote is opened and never closed; a closing quote is followed by
 * something else than a delimiter or a line end; its bytes are not text in the dialect's encoding; it holds a NUL byte, as
 * damaged files do.
 */
export type RowFlaw = 'row-too-large' | 'unclosed-quote' | 'stray-quote' | 'undecodable-bytes' | 'nul-byte';

/** A place between two rows. */
export interface Position {
  /** In the upload, in bytes. */
  readonly offset: number;
  /** Of the row that follows. */
  readonly ordinal: number;
  readonly line: number;
}

/** No such encoding. */
export class UnknownEncoding extends PortError {
  readonly code = 'unknown-encoding';
  readonly retryable = false;
}

/** The bytes are not text in the encoding that was asked for. */
export class WrongEncoding extends PortError {
  readonly code = 'wrong-encoding';
  readonly retryable = false;
}

/** The bytes are no text at all. */
export class NotText extends PortError {
  readonly code = 'not-text';
  readonly retryable = false;
}

/** The first row has more columns than any table of people. */
export class TooManyColumns extends PortError {
  readonly code = 'too-many-columns';
  readonly retryable = false;
}

/** What was asked for cannot separate columns. */
export class UnusableDelimiter extends PortError {
  readonly code = 'unusable-delimiter';
  readonly retryable = false;
}
