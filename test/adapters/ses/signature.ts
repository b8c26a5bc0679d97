import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What was signed, as it arrived. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * What is wrong with the request's AWS Signature Version 4 in its Authorization header, as a code of the service; nothing where it is right
 * (IAM User Guide, "Create a signed AWS API request"). Knows requests without a query.
 */
export function faultOfSignature(request: SignedRequest, credentials: Credentials, service: string): string | undefined {
  const { method, path, headers, body } = request;
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
      headers.authorization ?? '',
    );
  if (!parts) return 'MissingAuthenticationToken';
  const [, keyId, day = '', region = '', of = '', names = '', signature = ''] = parts;
  if (keyId !== credentials.accessKeyId) return 'InvalidClientTokenId';
  const time = valueOf(headers, 'x-amz-date');
  if (of !== service || !time.startsWith(day) || !names.split(';').includes('host')) return 'SignatureDoesNotMatch';
  const signed = names.split(';').map((name) => `${name}:${valueOf(headers, name).trim().replace(/ +/g, ' ')}\n`);
  const canonical = [method, path, '', signed.join(''), names, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, `${day}/${region}/${of}/aws4_request`, sha256(canonical)].join('\n');
  const key = [day, region, of, 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${credentials.secretAccessKey}`);
  return same(hmac(key, text).toString('hex'), signature) ? undefined : 'SignatureDoesNotMatch';
}

function valueOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function same(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
