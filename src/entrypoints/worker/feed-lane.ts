import { backOff, pauseRetries } from '../../domain/retry.ts';
import { announceNext, type AnnounceStagePorts } from '../stages/announce.ts';
import { isUnavailable } from '../stages/stage.ts';
import type { LanePorts } from './lane.ts';

/** Follows the feed of inserted users until `stop` aborts, and has them announced. */
export async function runFeedLane(ports: LanePorts & AnnounceStagePorts, stop: AbortSignal): Promise<void> {
  let troubles = 0;
  while (!stop.aborted) {
    let trouble: Error | undefined;
    try {
      if ((await announceNext(ports, stop)) === 0) continue;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      trouble = error;
    }
    ports.heard('announce', trouble);
    troubles = trouble ? troubles + 1 : 0;
    if (trouble) await ports.clock.sleep(backOff(pauseRetries, troubles, ports.random), stop);
  }
}
