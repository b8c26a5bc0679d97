import { encode as base64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import MimeNode from 'nodemailer/lib/mime-node';
import { encode as quotedPrintable, wrap as wrapQuotedPrintable } from 'nodemailer/lib/qp';
import type { Mailbox, Message, MessageComposer } from '../../ports/message-composer.ts';

/**
 * Composes messages with nodemailer's MIME library: a text part and an HTML part side by side (multipart/alternative,
 * RFC 2046 5.1.4), in UTF-8, with CRLF line ends, all of it 7-bit ASCII on the wire. Names and subjects are encoded by
 * the library (RFC 2047). The same message gives the same bytes: the boundary is derived from the Message-ID.
 *
 * Nothing in a value can start a header of its own: control characters in names, subjects and header values become
 * spaces; a Message-ID, an address or a header name that cannot stand in a header is a TypeError.
 *
 * The library's MailComposer gives the same message through a dozen streams, at a quarter of the rate.
 */
export class MimeMessageComposer implements MessageComposer {
  compose(message: Message): Promise<Uint8Array> {
    return new Promise((resolve) => {
      resolve(bytesOf(message));
    });
  }
}

function bytesOf(message: Message): Uint8Array {
  const text = withCrlf(message.text);
  const html = withCrlf(message.html);
  const root = new MimeNode('multipart/alternative', { baseBoundary: boundary(message.messageId, text, html) });
  root.setHeader('From', mailbox(message.from));
  root.setHeader('To', mailbox(message.to));
  root.setHeader('Subject', oneLine(message.subject));
  root.setHeader('Message-ID', messageId(message.messageId));
  root.setHeader('Date', new Date(message.date));
  for (const [key, value] of furtherHeaders(message.headers)) root.setHeader(key, value);
  const headers = root.buildHeaders();
  const delimiter = `\r\n--${String(root.boundary)}`;
  return Buffer.from(`${headers}\r\n${delimiter}${part('plain', text)}${delimiter}${part('html', html)}${delimiter}--\r\n`, 'latin1');
}

/** A body with its headers: as it is where it can travel so, else in the encoding that is shorter (RFC 2045 6). */
function part(subtype: string, body: string): string {
  const type = `\r\nContent-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: `;
  if (isSevenBit(body)) return `${type}7bit\r\n\r\n${body}`;
  // Letters of ASCII take one octet, all others two to four: three of quoted-printable each, four thirds of base64.
  return Buffer.byteLength(body) < 1.5 * body.length
    ? `${type}quoted-printable\r\n\r\n${wrapQuotedPrintable(quotedPrintable(body))}`
    : `${type}base64\r\n\r\n${wrapBase64(base64(body))}`;
}

/** ASCII without controls, in lines of at most 78 characters (RFC 5322 2.1.1). */
function isSevenBit(body: string): boolean {
  if (!/^[\t\r\n -~]*$/.test(body)) return false;
  for (let start = 0; start < body.length;) {
    const end = body.indexOf('\r\n', start);
    if ((end < 0 ? body.length : end) - start > 78) return false;
    start = end < 0 ? body.length : end + 2;
  }
  return true;
}

/** A name, an address: neither can hold a line end, and the address nothing that ends it. */
function mailbox({ address, name }: Mailbox): { address: string; name: string } {
  if (!/^[^\s<>,;:\p{Cc}]+@[^\s<>,;@\p{Cc}]+$/u.test(address)) {
    throw new TypeError(`Not an address that can stand in a header: ${JSON.stringify(address)}`);
  }
  return { address, name: oneLine(name ?? '') };
}

function messageId(id: string): string {
  if (!/^[!-;=?-~]+$/.test(id)) {
    throw new TypeError(`Not a Message-ID (printable ASCII without angle brackets): ${JSON.stringify(id)}`);
  }
  return `<${id}>`;
}

/** Headers that are made out of the message's own parts. */
const reserved = /^(from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|content-.*)$/i;

function furtherHeaders(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers).map(([key, value]) => {
    // RFC 5322 3.6.8: a field name is printable ASCII without the colon.
    if (!/^[!-9;-~]+$/.test(key) || reserved.test(key)) {
      throw new TypeError(`Not a further header: ${JSON.stringify(key)}`);
    }
    return [key, oneLine(value)];
  });
}

/**
 * Runs of control characters, line and paragraph separators become a space. So that a value that looks like an encoded
 * word (RFC 2047) is not decoded at the other end, its beginning is taken apart.
 */
function oneLine(value: string): string {
  return value
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll('=?', '= ?')
    .trim();
}

/** RFC 5322 2.3: CR and LF only ever stand together. */
function withCrlf(body: string): string {
  return (body.includes('\r') ? body.replace(/\r\n?/g, '\n') : body).replaceAll('\n', '\r\n');
}

/** The shared part of the boundaries: letters and digits of the Message-ID, and a number as long as a body holds it. */
function boundary(id: string, ...bodies: readonly string[]): string {
  const base = id.replace(/[^A-Za-z0-9]/g, '').slice(0, 40);
  let candidate = base;
  for (let attempt = 0; candidate === '' || bodies.some((body) => body.includes(candidate)); attempt += 1) {
    candidate = `${base}.${attempt}`;
  }
  return candidate;
}
