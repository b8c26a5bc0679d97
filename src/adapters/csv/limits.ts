/** Sizes in bytes. Tests take small ones. */
export interface Limits {
  /** The text is looked at in stretches of at least this many. Few rows at a time die young, which spares the garbage collector. */
  readonly window: number;
  /** A block of rows takes about this many, or one record. */
  readonly block: number;
  /** A file in another encoding than UTF-8 is decoded in pieces of about this many. */
  readonly piece: number;
  /** A record with more, as UTF-8, is too large. */
  readonly record: number;
  /** How far a record is followed: a quote that is still open there counts as never closed. */
  readonly lookAhead: number;
  /** The cells of a flawed row are cut to this many, as UTF-8. */
  readonly flawedCells: number;
}

export const defaultLimits: Limits = {
  window: 96 << 10,
  block: 112 << 10,
  piece: 96 << 10,
  record: 1 << 20,
  lookAhead: 8 << 20,
  flawedCells: 64 << 10,
};
