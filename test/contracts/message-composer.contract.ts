import { describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import type { Message, MessageComposer } from '../../src/ports/message-composer.ts';

const plain: Message = {
  from: { address: 'welcome@example.com', name: 'The Example' },
  to: { address: 'ann@example.com', name: 'Ann' },
  subject: 'Welcome, Ann',
  html: '<p>Hello, <b>Ann</b></p>',
  text: 'Hello, Ann',
  messageId: 'w-0123456789abcdef@example.com',
  date: Date.UTC(2026, 10, 22, 1, 2, 3),
  headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
};

const names = [
  'Ann Example',
  '王小明',
  'Zoë Ōé 😀',
  'משה כהן',
  'Example, Ann (Dr.) <ann@example.org>',
  '"Quoted" \\ back',
  'Very long name '.repeat(30).trim(),
  '很长的名字'.repeat(40),
];

/** What every composer promises, by what a mail reader's parser makes of its messages. */
export function messageComposerContract(label: string, composer: MessageComposer): void {
  describe(`MessageComposer: ${label}`, () => {
    const compose = async (change: Partial<Message> = {}) =>
      Buffer.from(await composer.compose({ ...plain, ...change })).toString('latin1');
    const read = async (change: Partial<Message> = {}) => PostalMime.parse(await composer.compose({ ...plain, ...change }));

    test('says who, to whom, what, when, and by which id', async () => {
      const mail = await read();
      expect(mail.from).toEqual({ address: 'welcome@example.com', name: 'The Example' });
      expect(mail.to).toEqual([{ address: 'ann@example.com', name: 'Ann' }]);
      expect(mail.subject).toBe('Welcome, Ann');
      expect(mail.messageId).toBe('<w-0123456789abcdef@example.com>');
      expect(mail.date).toBe('2026-11-22T01:02:03.000Z');
      expect(mail.html?.trim()).toBe(plain.html);
      expect(mail.text?.trim()).toBe(plain.text);
      expect(mail.attachments).toEqual([]);
    });

    test('offers text first and HTML as its alternative, and adds the further headers', async () => {
      const raw = await compose();
      expect(raw).toMatch(/^Content-Type: multipart\/alternative;/m);
      expect(raw.indexOf('text/plain')).toBeLessThan(raw.indexOf('text/html'));
      expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
      expect(raw).toMatch(/^X-Auto-Response-Suppress: All\r$/m);
      expect(raw).toMatch(/^MIME-Version: 1\.0\r$/m);
    });

    test.each(names)('gets the name %j through, in To, From and Subject', async (name) => {
      const mail = await read({ to: { address: 'ann@example.com', name }, from: { address: 'a@example.com', name }, subject: name });
      expect(mail.to).toEqual([{ address: 'ann@example.com', name }]);
      expect(mail.from).toEqual({ address: 'a@example.com', name });
      expect(mail.subject).toBe(name);
    });

    test.each(['=?utf-8?Q?=41nn?=', 'see =?utf-8?Q?a b?= here', '=?x', '王 =?utf-8?B?QW5u?='])(
      'does not let %j be decoded',
      async (name) => {
        const mail = await read({ to: { address: 'ann@example.com', name }, from: { address: 'a@example.com', name }, subject: name });
        for (const shown of [mail.subject, mail.from?.name, mail.to?.[0]?.name]) {
          expect(shown?.replaceAll(' ', '')).toBe(name.replaceAll(' ', ''));
        }
      },
    );

    test('gets bodies of any letters, lengths and line ends through', async () => {
      const text = ['Zoë 王小明 😀', '.', '.dot', 'From me', ' trailing ', '=3D', '', 'x'.repeat(3_000), '王'.repeat(1_000), 'end'].join(
        '\n',
      );
      for (const body of [text, text.replaceAll('\n', '\r\n'), text.replaceAll('\n', '\r')]) {
        const mail = await read({ text: body, html: `<pre>${body}</pre>` });
        expect(mail.text?.replaceAll('\r\n', '\n').trimEnd()).toBe(text);
        expect(mail.html?.replaceAll('\r\n', '\n').trimEnd()).toBe(`<pre>${text}</pre>`);
      }
    });

    test('is 7-bit, in lines that end with CRLF and are no longer than 998 (RFC 5322 2.1.1)', async () => {
      const name = names.join(' ');
      const raw = await compose({
        subject: name,
        to: { address: 'a@example.com', name },
        html: `${name.repeat(9)}\r\u0000\n`,
        text: `${name}\r`,
      });
      expect(raw).toMatch(/^[\t\n\r -~]*$/);
      expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      expect(raw.endsWith('\r\n')).toBe(true);
      expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    });

    test('gives the same bytes for the same message, and others for another', async () => {
      expect(await compose()).toBe(await compose());
      expect(await compose({ messageId: 'w-another@example.com' })).not.toBe(await compose());
    });

    test('keeps its parts apart, whatever the bodies hold', async () => {
      const boundary = /boundary="([^"]+)"/.exec(await compose())?.[1] ?? '';
      const attack = `Hello\r\n--${boundary}\r\nContent-Type: text/html\r\n\r\n<b>mine</b>\r\n--${boundary}--\r\nafter`;
      const mail = await read({ text: attack, html: `<p>${attack}</p>` });
      expect(mail.text?.trim()).toBe(attack.replaceAll('\r\n', '\n').trim());
      expect(mail.html?.trim()).toBe(`<p>${attack}</p>`.replaceAll('\r\n', '\n'));
    });

    const breaks = ['\r\n', '\n', '\r', '\u0000', '\u0085', '\u2028', '\u2029', '\v', '\f', '\u007f'];
    test.each(breaks)('lets no value start a header, with %j before it', async (lineEnd) => {
      const hostile = `Ann${lineEnd}Bcc: victim@example.com${lineEnd}${lineEnd}<p>body</p>`;
      const mail = await read({
        to: { address: 'ann@example.com', name: hostile },
        from: { address: 'a@example.com', name: hostile },
        subject: hostile,
        headers: { 'X-Note': hostile },
      });
      expect(mail.bcc).toBeUndefined();
      expect(mail.headers.map(({ key }) => key).sort()).toEqual(
        ['content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to', 'x-note'].sort(),
      );
      const line = 'Ann Bcc: victim@example.com <p>body</p>';
      expect(mail.subject).toBe(line);
      expect(mail.to).toEqual([{ address: 'ann@example.com', name: line }]);
      expect(mail.from?.name).toBe(line);
      expect(mail.text?.trim()).toBe(plain.text);
    });

    const impossible: Partial<Message>[] = [
      { to: { address: 'ann@example.com\r\nBcc: victim@example.com' } },
      { to: { address: 'ann@example.com, victim@example.com' } },
      { to: { address: 'ann@example.com>' } },
      { to: { address: 'no address' } },
      { from: { address: 'a@example.com\nX: y' } },
      { messageId: 'a@example.com>\r\nBcc: victim@example.com' },
      { messageId: '' },
      { headers: { 'X-A\r\nBcc': 'victim@example.com' } },
      { headers: { 'X A': 'b' } },
      { headers: { 'X:A': 'b' } },
      { headers: { Bcc: 'victim@example.com' } },
      { headers: { 'content-type': 'text/html' } },
      { headers: { subject: 'another' } },
    ];
    test.each(impossible)('refuses what cannot stand in a header: %j', async (change) => {
      await expect(composer.compose({ ...plain, ...change })).rejects.toThrow(TypeError);
    });
  });
}
