import { createHmac, randomUUID } from 'node:crypto';
import type { App, Reply, Request } from './http.ts';
import type { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import { credentials } from './aws.ts';

/** What fauxqs leaves out of S3: tags of objects, versions, and forms (POST Object, Signature Version 4). */
export class S3Extras {
  /** Tags as they were put, by `/bucket/key`. */
  readonly #tags = new Map<string, string>();
  readonly #versioned = new Set<string>();
  /** The newest version of each object, by `/bucket/key`. */
  readonly #newest = new Map<string, string>();
  readonly #store: S3Store;
  /** Hears of every object that came by a form. */
  takenByForm: (bucket: string, key: string, version: string) => void = () => undefined;

  constructor(store: S3Store) {
    this.#store = store;
    store.createBucket(versions);
  }

  /** A bucket that keeps every version of its objects. */
  createVersionedBucket(name: string): void {
    this.#store.createBucket(name);
    this.#versioned.add(name);
  }

  /** The tags of an object: name to value. */
  tagsOf(bucket: string, key: string): Readonly<Record<string, string>> {
    const xml = this.#tags.get(`/${bucket}/${key}`) ?? '';
    return Object.fromEntries(
      [...xml.matchAll(/<Key>(.*?)<\/Key><Value>(.*?)<\/Value>/g)].map(([, name = '', value = '']) => [name, value]),
    );
  }

  install(app: App): void {
    app.addHook('preHandler', async (request, reply) => {
      const { bucket, '*': key = '' } = request.params as { readonly bucket?: string; readonly '*'?: string };
      const query = request.query as Readonly<Record<string, string | undefined>>;
      if (bucket === undefined) return undefined;
      if (request.method === 'POST' && (request.headers['content-type'] ?? '').startsWith('multipart/form-data')) {
        return this.#takeForm(bucket, request, reply);
      }
      if (query['tagging'] !== undefined) return this.#tag(bucket, key, request, reply);
      if (request.method === 'PUT' && query['uploadId'] === undefined) this.#tags.delete(`/${bucket}/${key}`);
      if (request.method !== 'PUT' && query['versionId'] !== undefined) {
        Object.assign(request.params as object, { bucket: versions, '*': query['versionId'] });
      }
      if (request.method === 'HEAD' && this.#isAnother(bucket, key, request.headers['if-match'])) return reply.code(412).send();
      return undefined;
    });
    // Not a promise: fauxqs answers a second time while one is waited for.
    app.addHook('onSend', (request, reply, payload, done) => {
      const { bucket = '', '*': key = '' } = request.params as { readonly bucket?: string; readonly '*'?: string };
      if (request.method === 'PUT' && reply.statusCode === 200 && key !== '') this.#keepVersion(bucket, key, reply);
      const newest = this.#newest.get(`/${bucket}/${key}`);
      if (request.method === 'HEAD' && reply.statusCode === 200 && newest !== undefined) void reply.header('x-amz-version-id', newest);
      done(null, payload);
    });
  }

  #tag(bucket: string, key: string, request: Request, reply: Reply): Reply {
    const path = `/${bucket}/${key}`;
    try {
      this.#store.getObject(bucket, key);
    } catch {
      return reply.code(404).type('application/xml').send('<Error><Code>NoSuchKey</Code><Message>There is no such key.</Message></Error>');
    }
    if (request.method === 'PUT') {
      this.#tags.set(path, (request.body as Buffer).toString());
      return reply.code(200).send();
    }
    return reply
      .code(200)
      .type('application/xml')
      .send(this.#tags.get(path) ?? '<Tagging><TagSet></TagSet></Tagging>');
  }

  #isAnother(bucket: string, key: string, etag: string | undefined): boolean {
    return (
      etag !== undefined && this.#store.listObjects(bucket, { prefix: key }).objects.some((kept) => kept.key === key && kept.etag !== etag)
    );
  }

  #keepVersion(bucket: string, key: string, reply: Reply): void {
    if (!this.#versioned.has(bucket)) return;
    const version = randomUUID();
    const { body, contentType, metadata } = this.#store.getObject(bucket, key);
    this.#store.putObject(versions, version, body, contentType, metadata);
    this.#newest.set(`/${bucket}/${key}`, version);
    void reply.header('x-amz-version-id', version);
  }

  /** POST Object (S3 API Reference, "POST Object" and "Creating a POST policy"). */
  #takeForm(bucket: string, request: Request, reply: Reply): Reply {
    const { fields, bytes } = formIn(request.body as Buffer, request.headers['content-type'] ?? '');
    if (!fields.has('bucket')) fields.set('bucket', bucket);
    const refusal = refuse(fields, bytes.length);
    if (refusal !== undefined) {
      return reply
        .code(refusal === 'EntityTooLarge' ? 400 : 403)
        .type('application/xml')
        .send(`<Error><Code>${refusal}</Code></Error>`);
    }
    const key = fields.get('key') ?? '';
    const metadata = Object.fromEntries(
      [...fields].flatMap(([name, value]) => (name.startsWith(meta) ? [[name.slice(meta.length), value]] : [])),
    );
    this.#store.putObject(bucket, key, bytes, 'text/csv', metadata);
    this.#keepVersion(bucket, key, reply);
    this.takenByForm(bucket, key, String((reply.getHeaders() as Record<string, unknown>)['x-amz-version-id']));
    return reply.code(204).send();
  }
}

const versions = 'versions-of-objects';
const meta = 'x-amz-meta-';
const uncovered = new Set(['policy', 'x-amz-signature', 'file', 'bucket']);

/** The fields of a form (RFC 7578) by their names in lower case, and the bytes of its file. */
function formIn(body: Buffer, contentType: string): { readonly fields: Map<string, string>; readonly bytes: Buffer } {
  const boundary = /boundary=(.+)$/.exec(contentType)?.[1] ?? '';
  const fields = new Map<string, string>();
  let bytes: Buffer = Buffer.alloc(0);
  for (const part of body.toString('latin1').split(`--${boundary}`).slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const name = / name="([^"]*)"/.exec(part.slice(0, end))?.[1] ?? '';
    const value = Buffer.from(part.slice(end + 4, -2), 'latin1');
    if (name === 'file') bytes = value;
    else fields.set(name.toLowerCase(), value.toString());
  }
  return { fields, bytes };
}

/** Why a form is refused, or nothing where its policy allows all of it. */
function refuse(fields: ReadonlyMap<string, string>, size: number): string | undefined {
  const encoded = fields.get('policy') ?? '';
  const [, date = '', region = '', service = ''] = (fields.get('x-amz-credential') ?? '').split('/');
  const secret = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  const signature = [date, region, service, 'aws4_request', encoded].reduce(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    secret,
  );
  if (signature.toString('hex') !== fields.get('x-amz-signature')) return 'SignatureDoesNotMatch';

  const policy = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { readonly expiration: string; readonly conditions: unknown[] };
  if (Date.parse(policy.expiration) <= Date.now()) return 'AccessDenied';
  const allowed = new Set<string>();
  for (const condition of policy.conditions) {
    if (Array.isArray(condition) && condition[0] === 'content-length-range') {
      if (size > Number(condition[2])) return 'EntityTooLarge';
      if (size < Number(condition[1])) return 'EntityTooSmall';
      continue;
    }
    const [name, value] = Array.isArray(condition)
      ? [String(condition[1]).slice(1), condition[2]]
      : (Object.entries(condition as object)[0] ?? []);
    allowed.add(String(name).toLowerCase());
    if (fields.get(String(name).toLowerCase()) !== value) return 'AccessDenied';
  }
  return [...fields.keys()].every((name) => uncovered.has(name) || allowed.has(name)) ? undefined : 'AccessDenied';
}
