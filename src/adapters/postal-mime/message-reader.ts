import PostalMime, { type Address } from 'postal-mime';
import type { MessageReader, ReadMessage } from '../../ports/message-reader.ts';

/** Reads messages with postal-mime. */
export class PostalMimeMessageReader implements MessageReader {
  async read(bytes: Uint8Array): Promise<ReadMessage> {
    const { from, to, subject, date, headers, messageId, html, text } = await PostalMime.parse(bytes);
    return {
      from: from ? shown(from) : '',
      to: (to ?? []).map(shown).join(', '),
      subject: subject ?? '',
      date: headers.find(({ key }) => key === 'date')?.value ?? date ?? '',
      messageId: messageId ?? '',
      html: html ?? '',
      text: text ?? '',
    };
  }
}

function shown({ name, address }: Address): string {
  return name === '' ? (address ?? '') : `${name} <${address ?? ''}>`;
}
