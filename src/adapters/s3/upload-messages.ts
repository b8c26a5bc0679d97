import type { Codec, Decoded } from '../../ports/codec.ts';
import type { Upload, UploadMessage } from '../../ports/vocabulary.ts';
import { locationOf, nameOf, ownPrefix } from './object.ts';

/**
 * Messages of the `uploads` queue as they are on AWS: beside our own, the notifications by which S3 says that objects were created (S3 User
 * Guide, "Event message structure"). One may tell of several objects. What S3 sends to try whether it is heard (`s3:TestEvent`), and
 * objects that the store itself puts, are uploads of none.
 */
export class S3UploadMessages implements Codec<UploadMessage> {
  readonly #own: Codec<UploadMessage>;

  /** @param own for the messages that are no notifications */
  constructor(own: Codec<UploadMessage>) {
    this.#own = own;
  }

  encode(message: UploadMessage): string {
    return this.#own.encode(message);
  }

  decode(text: string): Decoded<UploadMessage> {
    const value = parsed(text);
    if (value?.['Event'] === 's3:TestEvent') return { ours: true, message: { landed: [] } };
    const records = value?.['Records'];
    if (!Array.isArray(records)) return this.#own.decode(text);
    const landed: Upload[] = [];
    for (const [index, record] of records.entries()) {
      const upload = uploadOf(record);
      if (typeof upload === 'string') return { ours: false, text, why: `record ${index + 1} of the notification ${upload}` };
      if (upload) landed.push(upload);
    }
    return { ours: true, message: { landed } };
  }
}

/** The upload that a record tells of; nothing where it is the store's own; what is wrong with the record otherwise. */
function uploadOf(record: unknown): Upload | string | undefined {
  const event = member(record, 'eventName');
  if (typeof event !== 'string') return 'does not say what happened';
  if (!event.startsWith('ObjectCreated:')) return `tells of ${event}, which no import follows: notify of s3:ObjectCreated:* alone`;
  const s3 = member(record, 's3');
  const object = member(s3, 'object');
  const bucket = member(member(s3, 'bucket'), 'name');
  const [encoded, size, version, etag] = ['key', 'size', 'versionId', 'eTag'].map((name) => member(object, name));
  const key = typeof encoded === 'string' ? decoded(encoded) : undefined;
  if (typeof bucket !== 'string' || bucket === '' || key === undefined || key === '') return 'does not name its object';
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return 'does not say how large its object is';
  if (key.startsWith(ownPrefix)) return undefined;
  const what = isWord(version) ? { version } : isWord(etag) ? { etag } : undefined;
  if (!what) return 'names neither version nor ETag of its object';
  const location = locationOf({ bucket, key, ...what });
  return { identity: location, location, name: nameOf(key), size };
}

/** Keys are URL-encoded in notifications, with `+` for a space. */
function decoded(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return undefined; // Not as S3 encodes: there is no such key.
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined; // No JSON: no notification.
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
