import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { User, WelcomeMessage } from '../../ports/vocabulary.ts';
import { sendAll } from '../send-all.ts';
import { recipientOf } from './user-id.ts';

export interface AnnouncePorts {
  readonly welcomes: MessageQueue<WelcomeMessage>;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** How many users one message welcomes where nobody says otherwise: several senders share a small import so. */
export const recipientsPerMessage = 50;

/**
 * Has the users welcomed whose welcome is wanted. A user announced twice is welcomed once: that is the welcome ledger's matter.
 * @param perMessage how many users one message welcomes
 * @returns how many were announced
 */
export async function announce(ports: AnnouncePorts, users: readonly User[], perMessage = recipientsPerMessage): Promise<number> {
  const recipients = users.filter((user) => user.welcome).map((user) => recipientOf(ports.ids, user));
  const messages: { readonly body: WelcomeMessage }[] = [];
  for (let i = 0; i < recipients.length; i += perMessage) {
    messages.push({ body: { recipients: recipients.slice(i, i + perMessage) } });
  }
  await sendAll(ports, ports.welcomes, messages);
  return recipients.length;
}
