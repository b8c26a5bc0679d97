import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { UserDirectory } from '../../ports/user-directory.ts';
import type { AddressKey, User, UserId } from '../../ports/vocabulary.ts';
import type { WelcomeLedger, WelcomeRecord, WelcomeState } from '../../ports/welcome-ledger.ts';
import { addressKey } from '../user-import/address.ts';
import { userIdOf } from './user-id.ts';

export interface FindUsersPorts {
  readonly users: Pick<UserDirectory, 'find' | 'list'>;
  readonly ledger: Pick<WelcomeLedger, 'find'>;
  readonly ids: Ids;
}

/** A user, and how the welcome stands. */
export interface ListedUser {
  readonly id: UserId;
  readonly user: User;
  readonly welcome: WelcomeState | 'not wanted';
  /** The welcome's record, where there is one. */
  readonly record?: WelcomeRecord;
}

/** Users in the order of their keys, those after `after`, at most `limit`; with a prefix, those whose address begins with it in any case. */
export async function findUsers(
  ports: FindUsersPorts,
  { prefix = '', after, limit }: { readonly prefix?: string; readonly after?: AddressKey; readonly limit: number },
): Promise<readonly ListedUser[]> {
  const from = addressKey(prefix);
  const begun = after !== undefined && after >= from;
  // The key that is the prefix itself stands before all that begin with it, and a list begins after a key.
  const [exact] = begun || from === '' ? [] : await ports.users.find([from]);
  const rest = await ports.users.list(limit - (exact ? 1 : 0), begun ? after : from || undefined);
  const users = [...(exact ? [exact] : []), ...rest.filter(({ key }) => key.startsWith(from))];
  return withWelcomes(ports, users);
}

/** The user with that id, or with that address. By its address it is found at once; for an id the directory is walked. */
export async function findUser(ports: FindUsersPorts & { readonly clock: Clock }, idOrAddress: string): Promise<ListedUser | undefined> {
  if (idOrAddress.includes('@')) {
    const [user] = await ports.users.find([addressKey(idOrAddress)]);
    return user && (await withWelcomes(ports, [user]))[0];
  }
  for (let after: AddressKey | undefined; ;) {
    const users: readonly User[] = await ports.users.list(page, after);
    const user = users.find(({ key }) => userIdOf(ports.ids, key) === idOrAddress);
    if (user) return (await withWelcomes(ports, [user]))[0];
    after = users.at(-1)?.key;
    if (after === undefined) return undefined;
    // Others in this process have their turn.
    await ports.clock.sleep(0);
  }
}

const page = 1_000;

async function withWelcomes({ ledger, ids }: FindUsersPorts, users: readonly User[]): Promise<readonly ListedUser[]> {
  const named = users.map((user) => ({ id: userIdOf(ids, user.key), user }));
  const records = await ledger.find(named.map(({ id }) => id));
  return named.map(({ id, user }, index) => {
    const record = records[index];
    return { id, user, welcome: user.welcome ? (record?.state ?? 'waiting') : 'not wanted', ...(record && { record }) };
  });
}
