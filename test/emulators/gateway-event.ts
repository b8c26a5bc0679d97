/** What a request is made of. */
export interface Sent {
  readonly method?: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Of the token that the authorizer has checked; absent on a route without one. */
  readonly claims?: Readonly<Record<string, string>>;
  readonly sourceIp?: string;
}

/** The host of the API. */
export const domainName = 'abcdefghij.execute-api.eu-central-1.amazonaws.com';

/**
 * The event of a request to an HTTP API (API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", payload format 2.0).
 * Bodies of text come as text, all others in base64.
 */
export function gatewayEvent({ method = 'GET', path, headers = {}, body, claims, sourceIp = '192.0.2.1' }: Sent): Record<string, unknown> {
  const [rawPath = '', rawQueryString = ''] = path.split(/\?(.*)/s, 2);
  const lower = Object.fromEntries(Object.entries({ host: domainName, ...headers }).map(([name, value]) => [name.toLowerCase(), value]));
  const isText = /^text\/|[/+](json|xml|javascript)\b/.test(lower['content-type'] ?? '');
  const bytes = body === undefined ? undefined : Buffer.from(body);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: { ...lower, ...(bytes && { 'content-length': String(bytes.length) }) },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdefghij',
      ...(claims && { authorizer: { jwt: { claims, scopes: null } } }),
      domainName,
      domainPrefix: 'abcdefghij',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp, userAgent: 'test' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1_767_225_600_000,
    },
    ...(bytes && { body: bytes.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: bytes !== undefined && !isText,
  };
}
