import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type GetObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import { UploadMissing, UploadsUnavailable, UploadTooLarge, type UploadStore } from '../../ports/upload-store.ts';
import type { Upload } from '../../ports/vocabulary.ts';
import { changed, isGone, keepingFact, readingFact } from './failure.ts';
import { putInParts } from './multipart.ts';
import { encodedKey, exactly, locationOf, objectAt, ownPrefix, type S3Object } from './object.ts';
import { inParts } from './parts.ts';

export interface S3UploadStoreOptions {
  /** Where `take` puts what comes in. Any bucket is read from. */
  readonly bucket: string;
  /** Nothing larger is taken or read. In bytes; at most 5 GiB, which is all that S3 copies in one request. */
  readonly maxBytes: number;
}

/**
 * Uploads as objects of Amazon S3.
 *
 * An upload that landed by itself is named by bucket, key and version (ETag where the bucket keeps no versions). What `take` takes in is
 * named by its bytes and lies under `.rollcall/`: there it arrives in parts of 8 MiB under a name of its own, and is copied to
 * the name of its digest when that is known.
 *
 * The client may try again by itself. Its time-out should be one of silence on the line, not of the whole request: a body is read as
 * slowly as its rows are worked on, and a copy of 5 GiB takes a while.
 * Needs s3:GetObject, s3:GetObjectVersion, s3:GetObjectTagging and s3:PutObjectTagging (and …VersionTagging) on all keys; to take in, s3:PutObject,
 * s3:DeleteObject and s3:AbortMultipartUpload under `.rollcall/`; s3:ListBucket tells an object that is gone from one that may not be read.
 */
export class S3UploadStore implements UploadStore {
  readonly #client: S3Client;
  readonly #clock: Clock;
  readonly #options: S3UploadStoreOptions;

  constructor(client: S3Client, clock: Clock, options: S3UploadStoreOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#options = options;
  }

  async take(name: string, bytes: AsyncIterable<Uint8Array>): Promise<Upload> {
    const { bucket, maxBytes } = this.#options;
    const hash = createHash('sha256');
    const taken = { size: 0 };
    const parts = inParts(measured(bytes, hash, taken, maxBytes, name));
    const first = await parts.next();
    const second = first.done === true ? first : await parts.next();
    const kept = (digest: string): S3Object => ({ bucket, key: `${ownPrefix}uploads/${digest}` });

    if (first.done === true || second.done === true) {
      const object = kept(hash.digest('hex'));
      await this.#put(object, first.done === true ? new Uint8Array() : first.value);
      return uploadOf(object, name, taken.size);
    }
    const arriving = { bucket, key: `${ownPrefix}arriving/${randomUUID()}` };
    await putInParts(this.#client, arriving, [first.value, second.value], parts);
    try {
      const object = kept(hash.digest('hex'));
      await this.#copy(arriving, object);
      return uploadOf(object, name, taken.size);
    } finally {
      // What stays of it is removed by the bucket's lifecycle: the upload itself is kept, or has said why not.
      await this.#client.send(new DeleteObjectCommand({ Bucket: bucket, Key: arriving.key })).catch(() => undefined);
    }
  }

  /** Where the connection breaks, the rest is asked for from there on; it is given up when that brings not one byte five times in a row. */
  async *open(upload: Upload, offset: number): AsyncIterable<Uint8Array> {
    let object = this.#objectOf(upload);
    if (upload.size > this.#options.maxBytes) throw tooLarge(upload.name, this.#options.maxBytes, `${upload.size} bytes`);
    let at = offset;
    for (let breaks = 0; ;) {
      const answer = await this.#get(upload, object, at);
      if (!answer) return;
      // From here on no other content may follow, whoever replaces the object meanwhile.
      if (answer.ETag !== undefined && object.version === undefined) object = { ...object, etag: answer.ETag.replaceAll('"', '') };
      const before = at;
      let broken: unknown;
      try {
        for await (const chunk of answer.Body as AsyncIterable<Uint8Array>) {
          at += chunk.length;
          yield chunk;
        }
      } catch (error) {
        broken = error;
      }
      if (at >= upload.size) return;
      breaks = at > before ? 1 : breaks + 1;
      if (breaks > mostBreaks) {
        throw new UploadsUnavailable(`${upload.location} broke off again and again at byte ${at} of ${upload.size}.`, {
          cause: broken,
          hint: 'It is tried again by itself. If it stays so, check the network.',
        });
      }
      await this.#clock.sleep(waitMs * 2 ** (breaks - 1));
    }
  }

  /**
   * Sets the tag `rollcall` = `done`, beside the tags that the object has: by it the bucket’s lifecycle tells what may expire. An object that
   * is gone or was replaced is left alone; where the bucket keeps no versions, one that is replaced at this very moment may be tagged.
   */
  async markDone(upload: Upload): Promise<void> {
    const object = this.#objectOf(upload);
    const { IfMatch: _, ...target } = exactly(object);
    try {
      if (object.etag !== undefined) await this.#client.send(new HeadObjectCommand(exactly(object)));
      const { TagSet = [] } = await this.#client.send(new GetObjectTaggingCommand(target));
      const others = TagSet.filter(({ Key }) => Key !== doneTag.Key);
      await this.#client.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet: [...others, doneTag] } }));
    } catch (error) {
      if (!isGone(error)) throw keepingFact(error, upload.location, 's3:GetObjectTagging and s3:PutObjectTagging');
    }
  }

  #objectOf(upload: Upload): S3Object {
    const object = objectAt(upload.location);
    if (object) return object;
    throw new UploadMissing(`${upload.name} is not kept in S3 (${upload.location}).`, { hint: 'Import the file again.' });
  }

  /** The answer for the bytes from `at` on; none where there are no more. */
  async #get(upload: Upload, object: S3Object, at: number): Promise<GetObjectCommandOutput | undefined> {
    const range = at === 0 ? {} : { Range: `bytes=${at}-` };
    let answer: GetObjectCommandOutput;
    try {
      answer = await this.#client.send(new GetObjectCommand({ ...exactly(object), ...range }));
    } catch (error) {
      const beyond = (error as Error).name === 'InvalidRange';
      if (beyond && at >= upload.size) return undefined;
      throw beyond ? changed(upload.location, error) : readingFact(error, upload.location, 's3:GetObject');
    }
    const size = at === 0 ? answer.ContentLength : Number(answer.ContentRange?.split('/')[1]);
    if (size === upload.size) return answer;
    (answer.Body as { destroy?: () => void } | undefined)?.destroy?.();
    throw changed(upload.location);
  }

  async #put(object: S3Object, body: Uint8Array): Promise<void> {
    const sent = this.#client.send(new PutObjectCommand({ Bucket: object.bucket, Key: object.key, Body: body }));
    await this.#keeping(object, 's3:PutObject', sent);
  }

  async #copy(from: S3Object, to: S3Object): Promise<void> {
    const source = `${from.bucket}/${encodedKey(from.key)}`;
    const sent = this.#client.send(new CopyObjectCommand({ Bucket: to.bucket, Key: to.key, CopySource: source }));
    await this.#keeping(to, 's3:PutObject and s3:GetObject', sent);
  }

  async #keeping(object: S3Object, permission: string, sent: Promise<unknown>): Promise<void> {
    await sent.catch((error: unknown) => {
      throw keepingFact(error, locationOf(object), permission);
    });
  }
}

const mostBreaks = 5;
const waitMs = 100;
const doneTag = { Key: 'rollcall', Value: 'done' };

function uploadOf(object: S3Object, name: string, size: number): Upload {
  const digest = object.key.slice(object.key.lastIndexOf('/') + 1);
  return { identity: `sha256:${digest}`, location: locationOf(object), name, size };
}

async function* measured(
  bytes: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
  taken: { size: number },
  maxBytes: number,
  name: string,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    taken.size += chunk.length;
    if (taken.size > maxBytes) throw tooLarge(name, maxBytes, 'longer');
    hash.update(chunk);
    yield chunk;
  }
}

function tooLarge(name: string, maxBytes: number, is: string): UploadTooLarge {
  return new UploadTooLarge(`${name} may have ${maxBytes} bytes at most, and is ${is}.`, {
    hint: 'Split the file, with its header in every part; each part is an import of its own.',
  });
}
