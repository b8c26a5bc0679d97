import type { Mailbox, MessageComposer } from '../../ports/message-composer.ts';
import type { TemplateRenderer } from '../../ports/template-renderer.ts';
import type { Instant, Recipient } from '../../ports/vocabulary.ts';

export interface ComposePorts {
  readonly templates: TemplateRenderer;
  readonly composer: MessageComposer;
}

/** The welcome for a user, as bytes of a message. Raises TemplateFaulty. */
export function composeWelcome(ports: ComposePorts, from: Mailbox, recipient: Recipient, now: Instant): Promise<Uint8Array> {
  const { userId, address, name, attributes = {} } = recipient;
  return ports.composer.compose({
    ...ports.templates.render({ name, email: address, attributes }),
    from,
    to: { address, name },
    // The same for every try, so that a mail which came twice is known as one (RFC 5322, 3.6.4).
    messageId: `${userId}@${from.address.slice(from.address.lastIndexOf('@') + 1)}`,
    date: now,
    headers: {
      // No holiday notes in answer to it (RFC 3834, section 5; the second is Exchange's own, MS-OXCMAIL 2.2.3.2.14).
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
  });
}
