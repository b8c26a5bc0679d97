import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import MailComposer from 'nodemailer/lib/mail-composer';
import { MimeMessageComposer } from '../../../src/adapters/mime/message-composer.ts';
import { messageComposerContract } from '../../contracts/message-composer.contract.ts';

messageComposerContract('mime', new MimeMessageComposer());

describe('MimeMessageComposer', () => {
  test('writes byte for byte what MailComposer streams', async () => {
    const composer = new MimeMessageComposer();
    const letters = fc.string({ unit: 'binary', maxLength: 400 });
    const body = fc.oneof(letters, fc.lorem({ maxCount: 60 }), fc.constant('short lines\r\n'), fc.constant(''));
    await fc.assert(
      fc.asyncProperty(letters, letters, body, body, async (name, subject, text, html) => {
        const bytes = await composer.compose({
          from: { address: 'a@example.com' },
          to: { address: 'b@example.com', name },
          subject,
          text,
          html,
          messageId: 'w-1@example.com',
          date: 0,
          headers: { 'X-Note': subject },
        });
        const crlf = (value: string) => value.replace(/\r\n|\r|\n/g, '\r\n');
        const line = (value: string) =>
          value
            .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
            .replaceAll('=?', '= ?')
            .trim();
        const streamed = await new MailComposer({
          from: { address: 'a@example.com', name: '' },
          to: { address: 'b@example.com', name: line(name) },
          subject: line(subject),
          text: crlf(text),
          html: crlf(html),
          messageId: '<w-1@example.com>',
          date: new Date(0),
          headers: { 'X-Note': line(subject) },
          baseBoundary: 'w1examplecom',
        })
          .compile()
          .build();
        expect(Buffer.from(bytes).toString('latin1')).toBe(streamed.toString('latin1'));
      }),
      { numRuns: 200 },
    );
  });
});
