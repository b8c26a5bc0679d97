import type { MalformedUser } from '../../../adapters/dynamodb/user-directory.ts';
import { userIdOf } from '../../../domain/onboarding/user-id.ts';
import type { Ids } from '../../../ports/ids.ts';
import type { Telemetry } from '../../../ports/telemetry.ts';

/** Logs each item of the table of users that is no user, by the id that a user with its key has: the key is an address. */
export function tellOfMalformed(ids: Ids, telemetry: Telemetry): (found: MalformedUser) => void {
  return ({ table, key, error }) => telemetry.error('user-malformed', error, { table, userId: userIdOf(ids, key) });
}
