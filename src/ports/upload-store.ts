import { PortError, type Upload } from './vocabulary.ts';

/** Keeps what people handed in, and reads it back as a stream. */
export interface UploadStore {
  /**
   * Takes bytes in under a name, durably, and says what it took. The same bytes taken twice have one identity.
   * @throws UploadTooLarge, UploadNotKept, UploadsUnavailable, and whatever reading the bytes throws
   */
  take(name: string, bytes: AsyncIterable<Uint8Array>): Promise<Upload>;
  /**
   * The bytes from `offset` on.
   * @throws UploadMissing, UploadChanged, UploadUnreadable, UploadTooLarge, UploadsUnavailable
   */
  open(upload: Upload, offset: number): AsyncIterable<Uint8Array>;
  /** The upload's import is completed: it need not be kept any longer. */
  markDone(upload: Upload): Promise<void>;
}

/** The upload is not where it was. */
export class UploadMissing extends PortError {
  readonly code = 'upload-missing';
  readonly retryable = false;
}

/** What is there now is not what was taken in. */
export class UploadChanged extends PortError {
  readonly code = 'upload-changed';
  readonly retryable = false;
}

/** The upload is there and may not be read. */
export class UploadUnreadable extends PortError {
  readonly code = 'upload-unreadable';
  readonly retryable = false;
}

/** The upload is larger than its store takes or reads. */
export class UploadTooLarge extends PortError {
  readonly code = 'upload-too-large';
  readonly retryable = false;
}

/** The place for uploads does not answer, or asks for patience. */
export class UploadsUnavailable extends PortError {
  readonly code = 'uploads-unavailable';
  readonly retryable = true;
}

/** The place for uploads is full, or may not be written. */
export class UploadNotKept extends PortError {
  readonly code = 'upload-not-kept';
  readonly retryable = true;
}
