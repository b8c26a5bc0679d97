import type { Ids } from '../../ports/ids.ts';
import type { AddressKey, Recipient, User, UserId } from '../../ports/vocabulary.ts';

/** The public name of the user with that key. */
export function userIdOf(ids: Ids, key: AddressKey): UserId {
  return ids.derived('user', key);
}

/** What a welcome needs to know about a user. */
export function recipientOf(ids: Ids, user: User): Recipient {
  const { key, address, name, attributes, origin } = user;
  return { userId: userIdOf(ids, key), address, name, ...(attributes && { attributes }), importId: origin.importId };
}
