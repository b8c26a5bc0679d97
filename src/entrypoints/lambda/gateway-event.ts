import { isFields, UnknownEvent, type Fields } from './events.ts';

/** A request as an HTTP API of API Gateway hands it over. */
export interface GatewayRequest {
  readonly request: Request;
  /** The address that it came from: to tell senders apart. */
  readonly sender: string;
  /** Whom the authorizer has let in, by a name of the issuer; nothing where it had nothing to check. */
  readonly subject: string | undefined;
  /** The body is text that was no UTF-8: the gateway has put a mark in the place of each byte that it did not understand. */
  readonly mangled: boolean;
}

/** What Lambda answers the gateway with, in its payload format 2.0. */
export interface GatewayAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/**
 * The request in an event (API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0).
 * @throws UnknownEvent
 */
export function requestIn(event: unknown): GatewayRequest {
  const { version, rawPath, rawQueryString, headers: given, body, isBase64Encoded, requestContext } = isFields(event) ? event : {};
  const { http, domainName, authorizer } = isFields(requestContext) ? requestContext : {};
  const { method, sourceIp } = isFields(http) ? http : {};
  if (version !== '2.0' || typeof rawPath !== 'string' || typeof method !== 'string' || typeof domainName !== 'string')
    throw new UnknownEvent('This is no request of an HTTP API in the payload format 2.0.');
  const headers = headersOf(given);
  const query = typeof rawQueryString === 'string' && rawQueryString !== '' ? `?${rawQueryString}` : '';
  const isText = isBase64Encoded !== true;
  const carries = typeof body === 'string' && method !== 'GET' && method !== 'HEAD';
  const bytes = carries ? Buffer.from(body, isText ? 'utf8' : 'base64') : undefined;
  if (bytes) headers.set('Content-Length', String(bytes.length));
  return {
    request: new Request(`https://${domainName}${encodedPath(rawPath)}${query}`, { method, headers, ...(bytes && { body: bytes }) }),
    sender: typeof sourceIp === 'string' ? sourceIp : 'unknown',
    subject: subjectOf(authorizer),
    mangled: carries && isText && body.includes('\ufffd') && /^text\//i.test(headers.get('Content-Type') ?? ''),
  };
}

/** The answer, or nothing where it would be larger than `mostBytes` on its way: then what is left of it is not even read. */
export async function answerOf(response: Response, mostBytes: number): Promise<GatewayAnswer | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    parts.push(part);
    size += part.length;
    if (size > mostBytes) return undefined;
  }
  const bytes = Buffer.concat(parts);
  const isBase64Encoded = !isTextual(response.headers);
  const body = bytes.toString(isBase64Encoded ? 'base64' : 'utf8');
  // It travels as a text of JSON, where quotes and line ends take two bytes.
  if (Buffer.byteLength(JSON.stringify(body)) > mostBytes) return undefined;
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body, isBase64Encoded };
}

/** Text goes as it is; else, as when it is compressed, the bytes. */
function isTextual(headers: Headers): boolean {
  return !headers.has('Content-Encoding') && /^text\/|[/+](json|xml|javascript)\b/.test(headers.get('Content-Type') ?? 'text/');
}

/** The gateway joins the values of one name. Bytes beyond ASCII stand in headers as they came. */
function headersOf(given: unknown): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(isFields(given) ? given : {})) {
    if (typeof value === 'string') headers.set(name, Buffer.from(value).toString('latin1'));
  }
  return headers;
}

/** The gateway may have decoded the path: what cannot stand in one is encoded again, so that no sign of it begins a query. */
function encodedPath(path: string): string {
  return path.replaceAll(/%(?![0-9A-Fa-f]{2})|[^\w\-.~!$&'()*+,;=:@%/]/gu, encodeURIComponent);
}

/** The claims of the token that a JWT authorizer has checked; of a program's own token, some issuers name only the client. */
function subjectOf(authorizer: unknown): string | undefined {
  const claims = isFields(authorizer) && isFields(authorizer['jwt']) ? authorizer['jwt']['claims'] : undefined;
  if (!isFields(claims)) return undefined;
  return claimIn(claims, 'sub') ?? claimIn(claims, 'client_id') ?? claimIn(claims, 'azp');
}

function claimIn(claims: Fields, name: string): string | undefined {
  const value = claims[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
