import type { Clock } from '../ports/clock.ts';
import { QueueUnavailable, type MessageQueue, type Outgoing } from '../ports/message-queue.ts';

/** How often a message that could not be sent is sent again, and after how long. */
const tries = 5;
const waitMs = 200;

/**
 * Sends all the messages, those again that the queue names as unsent.
 * @throws QueueUnavailable where some cannot be sent: those may be sent already, so whoever tries again sends them twice.
 */
export async function sendAll<T>(
  ports: { readonly clock: Clock },
  queue: MessageQueue<T>,
  messages: readonly Outgoing<T>[],
): Promise<void> {
  let left = messages;
  for (let attempt = 1; left.length > 0; attempt++) {
    const unsent = await queue.send(left);
    const refused = unsent.find((failure) => !failure.retryable);
    const [first] = unsent;
    if (!first) return;
    if (refused ?? attempt === tries) {
      throw new QueueUnavailable(`${unsent.length} of ${messages.length} messages could not be sent: ${(refused ?? first).cause}`);
    }
    const failed = new Set(unsent.map((failure) => failure.index));
    left = left.filter((_, index) => failed.has(index));
    await ports.clock.sleep(waitMs * 2 ** (attempt - 1));
  }
}
