import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import { UploadMissing, UploadsUnavailable } from '../../ports/upload-store.ts';
import { WishesUnusable, type ImportWishes, type UploadTicket, type UploadTickets } from '../../ports/upload-tickets.ts';
import type { Upload } from '../../ports/vocabulary.ts';
import { isGone, readingFact } from './failure.ts';
import { exactly, locationOf, nameOf, objectAt } from './object.ts';
import { metadataOf, mostMetadataBytes, wishesIn } from './wishes.ts';

export interface S3UploadTicketsOptions {
  readonly bucket: string;
  /** In bytes; S3 takes no form of more than 5 GiB. */
  readonly maxBytes: number;
  /** How long a ticket is good for, in milliseconds; whole seconds, up to 7 days. */
  readonly validMs: number;
}

/**
 * Forms that S3 itself takes (S3 API Reference, "POST Object"), signed for one key each: `uploads/<a fresh name>/<the file's name>`. The
 * wishes are metadata of the object, which the signature covers.
 *
 * What signs them must be allowed s3:PutObject on that prefix as long as a ticket lives: a role's temporary credentials may end before.
 * Needs s3:GetObject (s3:GetObjectVersion) to read wishes and to find uploads, and s3:ListBucket to tell one that is not there yet.
 */
export class S3UploadTickets implements UploadTickets {
  readonly #client: S3Client;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #options: S3UploadTicketsOptions;
  #origin: string | undefined;

  constructor(client: S3Client, clock: Clock, ids: Ids, options: S3UploadTicketsOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#ids = ids;
    this.#options = options;
  }

  async issue(name: string, wishes: ImportWishes): Promise<UploadTicket> {
    const { bucket, maxBytes } = this.#options;
    const metadata = metadataOf(wishes);
    const bytes = Object.entries(metadata).reduce((sum, [header, value]) => sum + header.length + value.length, 0);
    if (bytes > mostMetadataBytes) {
      throw new WishesUnusable(`The wishes for ${name} take ${bytes} bytes, and at most ${mostMetadataBytes} can travel with an upload.`, {
        hint: 'Keep fewer columns by name, or all of them with *.',
      });
    }
    const fields = Object.fromEntries(Object.entries(metadata).map(([header, value]) => [`x-amz-meta-${header}`, value]));
    const seconds = Math.ceil(this.#options.validMs / 1_000);
    const expiresAt = this.#clock.now() + seconds * 1_000;
    const place = `${this.#ids.fresh()}/${fileName(name)}`;
    const Conditions: PresignedPostOptions['Conditions'] = [['content-length-range', 0, maxBytes]];
    const post = await this.#sign(name, { Bucket: bucket, Key: `${folder}${place}`, Conditions, Fields: fields, Expires: seconds });
    return { url: post.url, fields: post.fields, maxBytes, place, expiresAt };
  }

  async wishes(upload: Upload): Promise<ImportWishes> {
    const object = objectAt(upload.location);
    if (!object) throw new UploadMissing(`${upload.name} is not kept in S3 (${upload.location}).`, { hint: 'Import the file again.' });
    const { Metadata = {} } = await this.#client.send(new HeadObjectCommand(exactly(object))).catch((error: unknown) => {
      throw readingFact(error, upload.location, 's3:GetObject');
    });
    const wishes = wishesIn(Metadata);
    if (typeof wishes !== 'string') return wishes;
    throw new WishesUnusable(`The wishes that came with ${upload.location} cannot be understood: ${wishes}.`, {
      hint: 'Upload the file again with other metadata, or without any.',
    });
  }

  async find(place: string): Promise<Upload | undefined> {
    const { bucket } = this.#options;
    const key = `${folder}${place}`;
    try {
      const { VersionId, ETag = '', ContentLength = 0 } = await this.#client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      // Named as the notification of it names it, for it is one upload.
      const what = VersionId === undefined ? { etag: ETag.replaceAll('"', '') } : { version: VersionId };
      const location = locationOf({ bucket, key, ...what });
      return { identity: location, location, name: nameOf(key), size: ContentLength };
    } catch (error) {
      if (isGone(error)) return undefined;
      throw readingFact(error, locationOf({ bucket, key }), 's3:GetObject');
    }
  }

  /** The SDK alone knows the address of a bucket, and tells it with a form: this one is for nothing, and over at once. */
  async origin(): Promise<string> {
    this.#origin ??= new URL((await this.#sign('its address', { Bucket: this.#options.bucket, Key: folder, Expires: 1 })).url).origin;
    return this.#origin;
  }

  async #sign(what: string, options: PresignedPostOptions): Promise<PresignedPost> {
    try {
      return await createPresignedPost(this.#client, options);
    } catch (cause) {
      throw new UploadsUnavailable(`No ticket for ${what} can be signed (${(cause as Error).message}).`, {
        cause,
        hint: 'Check the AWS credentials and the region.',
      });
    }
  }
}

/** What tickets are for. */
const folder = 'uploads/';

/**
 * A file's name as the last part of a key: without directories, control characters and what S3 would put another name for, and short
 * enough (a key has at most 1,024 bytes).
 */
function fileName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).replace(/\p{Cc}|\$\{filename\}/giu, '');
  const characters = Array.from(last).slice(-200).join('');
  return characters === '' || characters === '.' || characters === '..' ? 'upload.csv' : characters;
}
