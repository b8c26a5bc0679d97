import type { AddressKey, ImportId, Instant, User } from '../../ports/vocabulary.ts';
import { Bell } from './bell.ts';

/** The users that a MemoryUserDirectory keeps and of which a MemoryUserFeed tells. */
export class MemoryUsers {
  /** By key. */
  readonly kept = new Map<AddressKey, KeptUser>();
  /** The keys of those whose welcome is wanted and who are not announced, in the order of their inserts. */
  readonly unannounced: AddressKey[] = [];
  /** The batch of the feed that was received last, until it is let go of. */
  open: OpenBatch | undefined;
  /** How many batches were ever opened. */
  opened = 0;
  /** Rings when there may be something to receive. */
  readonly bell = new Bell();
}

/** A user as it is kept. */
export interface KeptUser {
  /** The user as JSON. */
  readonly text: string;
  /** Which row wrote the data. */
  readonly version: UserVersion;
}

/** Versions are ordered by their parts in turn. */
export type UserVersion = readonly [importedAt: Instant, importId: ImportId, row: number];

interface OpenBatch {
  readonly cursor: string;
  /** How many of the first unannounced users it holds. */
  readonly size: number;
  readonly until: Instant;
}

/** The user as an object of its own. */
export function userOf({ text }: KeptUser): User {
  return JSON.parse(text) as User;
}
