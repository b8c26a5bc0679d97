import MailComposer from 'nodemailer/lib/mail-composer';
import type MimeNode from 'nodemailer/lib/mime-node';
import { encode as base64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import { encode as quotedPrintable, wrap as wrapQuotedPrintable } from 'nodemailer/lib/qp';
import type { Mailbox, Message, MessageComposer } from '../../ports/message-composer.ts';

/**
 * Composes messages with nodemailer's MailComposer: a text part and an HTML part side by side (multipart/alternative,
 * RFC 2046 5.1.4), in UTF-8, with CRLF line ends, all of it 7-bit ASCII on the wire. Names and subjects are encoded by
 * the library (RFC 2047). The same message gives the same bytes: the boundary is derived from the Message-ID.
 *
 * Nothing in a value can start a header of its own: control characters in names, subjects and header values become
 * spaces; a Message-ID, an address or a header name that cannot stand in a header is a TypeError.
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
  const root = new MailComposer({
    from: mailbox(message.from),
    to: mailbox(message.to),
    subject: oneLine(message.subject),
    messageId: messageId(message.messageId),
    date: new Date(message.date),
    headers: furtherHeaders(message.headers),
    text,
    html,
    baseBoundary: boundary(message.messageId, text, html),
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const chunks: string[] = [];
  write(root, chunks);
  const whole = chunks.join('');
  return Buffer.from(whole.endsWith('\r\n') ? whole : `${whole}\r\n`, 'latin1');
}

/**
 * Writes a node and its children, as MimeNode's own stream does, byte for byte (a test compares them).
 * The stream takes four times as long: a dozen stream objects a message.
 */
function write(node: MimeNode, chunks: string[]): void {
  chunks.push(node.buildHeaders(), '\r\n\r\n');
  if (node.childNodes.length === 0) {
    chunks.push(encoded(node));
    return;
  }
  node.childNodes.forEach((child, index) => {
    chunks.push(index === 0 ? '' : '\r\n', `--${String(node.boundary)}\r\n`);
    write(child, chunks);
  });
  chunks.push(`\r\n--${String(node.boundary)}--\r\n`);
}

function encoded(node: MimeNode): string {
  const content = typeof node.content === 'string' ? node.content : '';
  switch (node.getTransferEncoding()) {
    case 'quoted-printable':
      return wrapQuotedPrintable(quotedPrintable(content));
    case 'base64':
      return wrapBase64(base64(content));
    default:
      return content;
  }
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

/** Headers that MailComposer makes out of the message's own parts. */
const reserved = /^(from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|content-.*)$/i;

function furtherHeaders(headers: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(headers).map(([key, value]) => {
    // RFC 5322 3.6.8: a field name is printable ASCII without the colon.
    if (!/^[!-9;-~]+$/.test(key) || reserved.test(key)) {
      throw new TypeError(`Not a further header: ${JSON.stringify(key)}`);
    }
    return { key, value: oneLine(value) };
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
  return body.replace(/\r\n|\r|\n/g, '\r\n');
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
