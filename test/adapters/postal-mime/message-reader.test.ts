import { describe, expect, test } from '@jest/globals';
import { MimeMessageComposer } from '../../../src/adapters/mime/message-composer.ts';
import { PostalMimeMessageReader } from '../../../src/adapters/postal-mime/message-reader.ts';

const reader = new PostalMimeMessageReader();

describe('a message', () => {
  test('is read back as it was composed', async () => {
    const message = {
      from: { address: 'team@example.com', name: 'Team' },
      to: { address: 'zoe@example.com', name: 'Zoë 李雷' },
      subject: 'Grüße, 李雷',
      html: '<p>Hi “Zoë”</p>',
      text: 'Hi “Zoë”',
      messageId: 'one@example.com',
      date: 1_700_000_000_000,
      headers: {},
    };
    const read = await reader.read(await new MimeMessageComposer().compose(message));
    expect({ ...read, html: read.html.trim(), text: read.text.trim() }).toStrictEqual({
      from: 'Team <team@example.com>',
      to: 'Zoë 李雷 <zoe@example.com>',
      subject: 'Grüße, 李雷',
      date: expect.stringMatching(/^Tue, 14 Nov 2023 22:13:20 /) as unknown,
      messageId: '<one@example.com>',
      html: '<p>Hi “Zoë”</p>',
      text: 'Hi “Zoë”',
    });
  });

  test('that is none is read as an empty one', async () => {
    for (const bytes of [new Uint8Array(), Uint8Array.from([0, 255, 10, 13, 10])]) {
      expect(await reader.read(bytes)).toMatchObject({ from: '', to: '', subject: '', messageId: '', html: '' });
    }
  });
});
