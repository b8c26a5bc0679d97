import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import MailComposer from 'nodemailer/lib/mail-composer';
import PostalMime from 'postal-mime';
import { MimeMessageComposer } from '../../../src/adapters/mime/message-composer.ts';
import type { Message } from '../../../src/ports/message-composer.ts';
import { messageComposerContract } from '../../contracts/message-composer.contract.ts';

const composer = new MimeMessageComposer();

messageComposerContract('mime', composer);

const message: Message = {
  from: { address: 'a@example.com' },
  to: { address: 'b@example.com', name: 'Zoë' },
  subject: 'Welcome, Zoë',
  text: 'Hello, Zoë!',
  html: '<p>Hello, Zoë!</p>',
  messageId: 'w-1@example.com',
  date: 0,
  headers: { 'Auto-Submitted': 'auto-generated' },
};

describe('MimeMessageComposer', () => {
  test('gives the message that MailComposer gives', async () => {
    const { text, html, subject, headers } = message;
    const theirs = await new MailComposer({
      ...{ text, html, subject, baseBoundary: 'w1examplecom', messageId: '<w-1@example.com>', date: new Date(0) },
      ...{ from: { address: 'a@example.com', name: '' }, to: { address: 'b@example.com', name: 'Zoë' }, headers: { ...headers } },
    })
      .compile()
      .build();
    const lines = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1').split('\r\n');
    const ours = lines(await composer.compose(message));
    expect([...ours].sort()).toEqual(lines(theirs).sort());
    expect(ours.slice(ours.indexOf(''))).toEqual(lines(theirs).slice(lines(theirs).indexOf('')));
  });

  test.each([
    ['ASCII in short lines', 'Hello\n'.repeat(30), '7bit'],
    ['lines of 78 characters', `${'x'.repeat(78)}\n${'x'.repeat(78)}`, '7bit'],
    ['a line of 79 characters', `x\n${'x'.repeat(79)}\nx`, 'quoted-printable'],
    ['some other letters', 'Zoë said hello to everybody', 'quoted-printable'],
    ['other letters for the most part', '你好，欢迎', 'base64'],
    ['a control character', 'Hello\u0000', 'quoted-printable'],
  ])('sends %s in the encoding that fits', async (_, text, encoding) => {
    const raw = Buffer.from(await composer.compose({ ...message, text })).toString('latin1');
    expect(/text\/plain; charset=utf-8\r\nContent-Transfer-Encoding: (.*)\r\n/.exec(raw)?.[1]).toBe(encoding);
  });

  test('gets any text through', async () => {
    const well = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }), fc.lorem());
    await fc.assert(
      fc.asyncProperty(well, async (text) => {
        const { html } = await PostalMime.parse(await composer.compose({ ...message, html: `<p>${text}</p>` }));
        const expected = `<p>${text}</p>`.replace(/\r\n?/g, '\n');
        expect(html?.replaceAll('\r\n', '\n').replace(/\n$/, '')).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});
