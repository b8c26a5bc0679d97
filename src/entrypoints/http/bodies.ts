import type { Context } from 'hono';
import type { z } from '@hono/zod-openapi';
import { HttpProblem } from './problems.ts';
import { checked } from './route.ts';

/** The media type of a request's body, in lower case and without parameters; empty where none is named. */
export function mediaType(c: Context): string {
  return (c.req.header('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Refuses bodies of other media types. @throws HttpProblem */
export function requireMediaType(c: Context, supported: readonly string[]): string {
  const type = mediaType(c);
  const encoding = c.req.header('Content-Encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw new HttpProblem('unsupported-media-type', {
      detail: 'The body is compressed.',
      hint: 'Send it as it is, without Content-Encoding.',
      members: { supported },
    });
  }
  if (supported.includes(type)) return type;
  throw new HttpProblem('unsupported-media-type', {
    detail:
      type === ''
        ? 'The request does not say of which media type its body is.'
        : 'The body is of a media type that is not understood here.',
    members: { supported },
  });
}

/** The body as it comes, at most `limit` bytes of it. @throws HttpProblem */
export async function* bodyBytes(c: Context, limit: number): AsyncGenerator<Uint8Array> {
  const announced = Number(c.req.header('Content-Length') ?? 0);
  if (announced > limit) throw tooLarge(limit);
  const body = c.req.raw.body;
  if (!body) return;
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof HttpProblem ? error : brokenOff();
  }
}

/** The whole of a body that must be small. @throws HttpProblem */
export async function bodyText(c: Context, limit: number): Promise<string> {
  const bytes = await wholeBody(c, limit);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpProblem('unreadable-body', { detail: 'The body is not UTF-8.' });
  }
}

/** A JSON text as the schema understands it. @throws HttpProblem */
export function readJson<S extends z.ZodType>(text: string, schema: S): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpProblem('unreadable-body', { detail: 'The body is not JSON.' });
  }
  return checked('body', schema, value);
}

/** A body that tells its length is no longer than that (RFC 9112, 6.3), and is read without a stream, which would cost more than all the rest. */
async function wholeBody(c: Context, limit: number): Promise<Uint8Array> {
  const announced = c.req.header('Content-Length') ?? '';
  if (/^\d{1,15}$/.test(announced) && Number(announced) <= limit) {
    const body = await c.req.raw.arrayBuffer().catch(() => {
      throw brokenOff();
    });
    if (body.byteLength > limit) throw tooLarge(limit);
    return new Uint8Array(body);
  }
  const parts: Uint8Array[] = [];
  for await (const part of bodyBytes(c, limit)) parts.push(part);
  return Buffer.concat(parts);
}

/** Whoever sent it is gone, or the connection broke: there is nobody to answer, and nothing of ours at fault. */
function brokenOff(): HttpProblem {
  return new HttpProblem('unreadable-body', { detail: 'The body broke off before its end.' });
}

function tooLarge(limit: number): HttpProblem {
  return new HttpProblem('body-too-large', {
    detail: `The body is larger than ${limit} bytes, which is the limit here.`,
    members: { limit },
    // What is still on its way is not read.
    headers: { Connection: 'close' },
  });
}
