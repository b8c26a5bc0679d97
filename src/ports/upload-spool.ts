import type { Instant } from './vocabulary.ts';

/** What an upload store keeps of its own because it came as a stream. Raises UploadsUnavailable. */
export interface UploadSpool {
  /** Everything that is there now, also what is still coming in or broke off. */
  list(): Promise<readonly SpooledUpload[]>;
  /** Removes it; what is gone already is no error. */
  remove(upload: SpooledUpload): Promise<void>;
}

export interface SpooledUpload {
  /** Names it among the others. */
  readonly name: string;
  /** The location of its upload; absent while it is not whole. */
  readonly location?: string;
  /** When its last bytes came in. */
  readonly touchedAt: Instant;
}
