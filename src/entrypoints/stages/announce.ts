import { announce, type AnnouncePorts } from '../../domain/onboarding/announce.ts';
import type { UserFeed } from '../../ports/user-feed.ts';
import type { StopSignal } from '../../ports/vocabulary.ts';

export interface AnnounceStagePorts extends AnnouncePorts {
  readonly feed: UserFeed;
}

/** How many users are announced at once, and how long one look into an empty feed waits, in milliseconds. */
const most = 1_000;
const waitMs = 20_000;

/**
 * announce: the next inserted users of the feed go to the welcomes queue, and only then is the feed advanced. Raises what the
 * feed and the queue raise; the users come again then.
 * @returns how many users there were
 */
export async function announceNext(ports: AnnounceStagePorts, stop: StopSignal): Promise<number> {
  const batch = await ports.feed.receive(most, waitMs, stop);
  if (batch.users.length === 0) return 0;
  await announce(ports, batch.users);
  await ports.feed.advance(batch);
  return batch.users.length;
}
