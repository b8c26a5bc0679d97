import { announce, type AnnouncePorts } from '../../domain/onboarding/announce.ts';
import { backOff, pauseRetries } from '../../domain/retry.ts';
import type { UserFeed } from '../../ports/user-feed.ts';
import { isUnavailable } from '../stages/stage.ts';
import type { LanePorts } from './lane.ts';

/** How many users are announced at once, and how long one look into an empty feed waits, in milliseconds. */
const most = 1_000;
const waitMs = 20_000;

/** announce: follows the feed of inserted users until `stop` aborts, and has them welcomed. */
export async function runFeedLane(ports: LanePorts & AnnouncePorts, feed: UserFeed, stop: AbortSignal): Promise<void> {
  let troubles = 0;
  while (!stop.aborted) {
    let trouble: Error | undefined;
    try {
      const batch = await feed.receive(most, waitMs, stop);
      if (batch.users.length === 0) continue;
      await announce(ports, batch.users);
      await feed.advance(batch);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      trouble = error;
    }
    ports.heard('announce', trouble);
    troubles = trouble ? troubles + 1 : 0;
    if (trouble) await ports.clock.sleep(backOff(pauseRetries, troubles, ports.random), stop);
  }
}
