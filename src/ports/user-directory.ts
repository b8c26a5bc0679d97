import { PortError, type AddressKey, type RecordBatch, type User } from './vocabulary.ts';

/** The accounts: one a normalised address. */
export interface UserDirectory {
  /**
   * Makes sure of a user for every record, durably, and tells for each whose the user is.
   * A user's origin is written once and never changed. In `update` mode the data (address, name, attributes) are
   * written over those of a smaller version only, a version being (importedAt, importId, row): so any order of calls ends in the same data.
   * All or nothing is not promised between batches; repeating a call is harmless.
   * @returns for each batch, for each of its records in order, whose row made the user.
   * @throws DirectoryUnavailable
   */
  store(batches: readonly RecordBatch[]): Promise<readonly (readonly Maker[])[]>;
  find(keys: readonly AddressKey[]): Promise<readonly (User | undefined)[]>;
  /**
   * Users in the order of their keys, those after `after`; nobody only where there are no more. What a directory holds that is no user (others
   * may write into its database) keeps nobody from being listed: it is left out, and whoever runs the directory is told of each.
   */
  list(limit: number, after?: AddressKey): Promise<readonly User[]>;
  count(): Promise<number>;
}

/** Whose row made the user: this very row (now, or in an earlier delivery), or another one. */
export type Maker = 'this' | 'another';

/** The directory did not answer, is throttled, or its database is busy or full. */
export class DirectoryUnavailable extends PortError {
  readonly code = 'directory-unavailable';
  readonly retryable = true;
}
