import type { ListedUser } from '../../domain/onboarding/find-users.ts';
import type { AddressKey, UserId } from '../../ports/vocabulary.ts';

/** So many are remembered: about two megabytes. */
const most = 10_000;

/**
 * The keys of the users that were told of last. An id is derived from its key and does not tell it, so finding a user by its id alone means to
 * walk over all of them; but people ask for those whom they have just seen in a list.
 */
export class SeenUsers {
  /** In the order in which they were seen last. */
  readonly #keys = new Map<UserId, AddressKey>();

  remember(users: readonly ListedUser[]): void {
    for (const { id, user } of users) {
      this.#keys.delete(id);
      this.#keys.set(id, user.key);
    }
    for (const id of this.#keys.keys()) {
      if (this.#keys.size <= most) return;
      this.#keys.delete(id);
    }
  }

  keyOf(id: UserId): AddressKey | undefined {
    return this.#keys.get(id);
  }
}
