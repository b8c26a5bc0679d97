import type { Maker, UserDirectory } from '../../ports/user-directory.ts';
import type { AddressKey, RecordBatch, User, UserRecord } from '../../ports/vocabulary.ts';
import { userOf, type KeptUser, type MemoryUsers, type UserVersion } from './users.ts';

/** Users in memory, kept as text. Between two batches of a call others may come. */
export class MemoryUserDirectory implements UserDirectory {
  readonly #users: MemoryUsers;

  constructor(users: MemoryUsers) {
    this.#users = users;
  }

  async store(batches: readonly RecordBatch[]): Promise<readonly (readonly Maker[])[]> {
    const copies = JSON.parse(JSON.stringify(batches)) as readonly RecordBatch[];
    const makers: Maker[][] = [];
    for (const batch of copies) {
      await Promise.resolve();
      makers.push(batch.records.map((record) => this.#store(record, batch)));
    }
    this.#users.bell.ring();
    return makers;
  }

  async find(keys: readonly AddressKey[]): Promise<readonly (User | undefined)[]> {
    await Promise.resolve();
    return keys.map((key) => {
      const kept = this.#users.kept.get(key);
      return kept && userOf(kept);
    });
  }

  async list(limit: number, after?: AddressKey): Promise<readonly User[]> {
    await Promise.resolve();
    return [...this.#users.kept]
      .filter(([key]) => after === undefined || key > after)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([, kept]) => userOf(kept));
  }

  async count(): Promise<number> {
    await Promise.resolve();
    return this.#users.kept.size;
  }

  #store(record: UserRecord, { importId, importedAt, onExisting, welcome }: RecordBatch): Maker {
    const { row, ...data } = record;
    const version: UserVersion = [importedAt, importId, row];
    const kept = this.#users.kept.get(record.key);
    if (kept === undefined) {
      this.#users.kept.set(record.key, keep({ ...data, origin: { importId, row }, welcome }, version));
      if (welcome) this.#users.unannounced.push(record.key);
      return 'this';
    }
    const user = userOf(kept);
    if (onExisting === 'update' && isSmaller(kept.version, version)) {
      this.#users.kept.set(record.key, keep({ ...data, origin: user.origin, welcome: user.welcome }, version));
    }
    return user.origin.importId === importId && user.origin.row === row ? 'this' : 'another';
  }
}

function keep(user: User, version: UserVersion): KeptUser {
  return { text: JSON.stringify(user), version };
}

function isSmaller(a: UserVersion, b: UserVersion): boolean {
  if (a[0] !== b[0]) return a[0] < b[0];
  if (a[1] !== b[1]) return a[1] < b[1];
  return a[2] < b[2];
}
