import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { PutObjectCommand, PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { S3UploadStore } from '../../../src/adapters/s3/upload-store.ts';
import { objectAt } from '../../../src/adapters/s3/object.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import {
  UploadChanged,
  UploadMissing,
  UploadNotKept,
  UploadTooLarge,
  UploadUnreadable,
  UploadsUnavailable,
} from '../../../src/ports/upload-store.ts';
import type { Upload } from '../../../src/ports/vocabulary.ts';
import { present } from '../../contracts/world.ts';
import { collect, streamOf, uploadStoreContract } from '../../contracts/upload-store.contract.ts';
import { AwsEmulator } from '../../emulators/aws.ts';
import { clientOf, landedAs } from './world.ts';

// Large bodies through an emulator take their time.
jest.setTimeout(60_000);

const bucket = 'uploads';
const mib = 1024 * 1024;

let emulator: AwsEmulator;
let client: S3Client;
/** The waits that the adapter asked for, in milliseconds. */
let waits: number[];
beforeAll(async () => {
  emulator = await AwsEmulator.start();
  emulator.s3.createBucket(bucket);
  emulator.extras.createVersionedBucket('versioned');
  client = clientOf(emulator);
});
afterAll(async () => {
  client.destroy();
  await emulator.close();
});

const storeOf = (maxBytes = 5 * 1024 * mib) => {
  const clock: Clock = { now: () => 0, sleep: async (ms) => void waits.push(ms) };
  return new S3UploadStore(client, clock, { bucket, maxBytes });
};

uploadStoreContract('S3UploadStore', async () => {
  emulator.forget();
  waits = [];
  return storeOf();
});

describe('S3UploadStore', () => {
  let store: S3UploadStore;
  beforeEach(() => {
    emulator.forget();
    waits = [];
    store = storeOf();
  });

  const bytesOf = (size: number) => Buffer.from(Array.from({ length: size }, (_, n) => n % 251));
  const landed = async (bytes: Uint8Array | string, key = 'people.csv', of = bucket): Promise<Upload> => {
    const { VersionId } = await client.send(new PutObjectCommand({ Bucket: of, Key: key, Body: bytes }));
    emulator.forget();
    return landedAs(emulator, of, key, VersionId);
  };
  const read = async (upload: Upload, offset = 0) => collect(store.open(upload, offset));
  const keysUnder = (prefix: string) => emulator.s3.listObjects(bucket, { prefix }).objects.map(({ key }) => key);

  describe('reading what landed', () => {
    test.each(['a b+c%20d.csv', '50%.csv', '员工/李雷.csv', "it's (new)!*.csv"])(
      'an object with the key %s is read and marked',
      async (key) => {
        const upload = await landed('name,email\n', key);
        expect((await read(upload)).toString()).toBe('name,email\n');
        await store.markDone(upload);
        expect(emulator.extras.tagsOf(bucket, key)).toStrictEqual({ rollcall: 'done' });
      },
    );

    test('what is there now is read by its version, whatever came after it', async () => {
      const first = await landed('first', 'people.csv', 'versioned');
      const second = await landed('second', 'people.csv', 'versioned');
      expect(first.identity).not.toBe(second.identity);
      expect([(await read(first)).toString(), (await read(second)).toString()]).toStrictEqual(['first', 'second']);
    });

    test('an object that was replaced has changed', async () => {
      const upload = await landed('first');
      await landed('other');
      await expect(read(upload)).rejects.toThrow(UploadChanged);
      await expect(read(upload, 2)).rejects.toThrow(UploadChanged);
    });

    test('an object that is not as large as it was told has changed, and is not read', async () => {
      const upload = await landed('first');
      await expect(read({ ...upload, size: 4 })).rejects.toThrow(UploadChanged);
      await expect(read({ ...upload, size: 6 }, 5)).rejects.toThrow(UploadChanged);
    });

    test('an object that is larger than allowed is not asked for', async () => {
      const upload = await landed(bytesOf(11));
      await expect(collect(storeOf(10).open(upload, 0))).rejects.toThrow(UploadTooLarge);
      expect(emulator.count('GET')).toBe(0);
      expect(await collect(storeOf(11).open(upload, 0))).toHaveLength(11);
    });

    test('a place of another kind is missing', async () => {
      const upload = await landed('x');
      for (const location of ['spool:abc', 's3://uploads', 's3://uploads/%', 's3://uploads/a?part=1']) {
        await expect(read({ ...upload, location })).rejects.toThrow(UploadMissing);
      }
    });
  });

  describe('a connection that breaks', () => {
    test('is made again from where it was, and no byte is lost or doubled', async () => {
      const bytes = bytesOf(300_000);
      const upload = await landed(bytes);
      emulator.failNext('GET', { cutAfter: 70_001 }, 3);
      expect((await read(upload, 10)).equals(bytes.subarray(10))).toBe(true);
      const ranges = emulator.requests.map(({ headers }) => headers['range']);
      expect(ranges).toHaveLength(4);
      expect(ranges.slice(0, 2)).toStrictEqual(['bytes=10-', expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
      expect(emulator.requests.every(({ headers }) => headers['if-match'] !== undefined)).toBe(true);
    });

    test('is made again as often as it brings anything', async () => {
      const bytes = bytesOf(300_000);
      const upload = await landed(bytes);
      emulator.failNext('GET', { cutAfter: 30_000 }, 8);
      expect((await read(upload)).equals(bytes)).toBe(true);
      expect(emulator.count('GET')).toBe(9);
    });

    test('while another object takes its place gives nothing of the other', async () => {
      const taken = await store.take('people.csv', streamOf(bytesOf(300_000)));
      emulator.forget();
      emulator.failNext('GET', { cutAfter: 100_000 });
      const chunks: Uint8Array[] = [];
      const reading = (async () => {
        for await (const chunk of store.open(taken, 0)) {
          if (chunks.length === 0) emulator.s3.putObject(bucket, present(objectAt(taken.location)).key, Buffer.alloc(300_000));
          chunks.push(chunk);
        }
      })();
      await expect(reading).rejects.toThrow(UploadChanged);
      const whole = Buffer.concat(chunks);
      expect(whole.equals(bytesOf(300_000).subarray(0, whole.length))).toBe(true);
    });

    test('again and again without a byte is given up, after longer and longer waits', async () => {
      const upload = await landed(bytesOf(1_000));
      emulator.failNext('GET', { cutAfter: 0 }, 100);
      await expect(read(upload)).rejects.toMatchObject({
        code: 'uploads-unavailable',
        message: expect.stringContaining('at byte 0 of 1000'),
      });
      expect(emulator.count('GET')).toBe(6);
      expect(waits).toStrictEqual([100, 200, 400, 800, 1_600]);
    });

    test('of a reader that stops is closed', async () => {
      emulator.s3.putObject(bucket, 'large.csv', Buffer.alloc(20 * mib));
      const upload = landedAs(emulator, bucket, 'large.csv');
      for await (const chunk of store.open(upload, 0)) {
        expect(chunk.length).toBeLessThan(20 * mib);
        break;
      }
      await emulator.idle();
      expect(await read(upload, 20 * mib - 3)).toHaveLength(3);
      expect(emulator.count('GET')).toBe(2);
    });
  });

  describe('what S3 says', () => {
    test.each([
      [404, 'NoSuchKey', '', UploadMissing, 'upload the file again'],
      [404, 'NoSuchVersion', '', UploadMissing, 'upload the file again'],
      [405, 'MethodNotAllowed', '', UploadMissing, 'upload the file again'],
      [404, 'NoSuchBucket', '', UploadMissing, 'ROLLCALL_UPLOADS_BUCKET'],
      [403, 'AccessDenied', 'Access Denied', UploadUnreadable, 's3:GetObject'],
      [403, 'AccessDenied', 'not authorized to perform: kms:Decrypt on the resource', UploadUnreadable, 'kms:Decrypt'],
      [400, 'KMS.DisabledException', 'the key is disabled', UploadUnreadable, 'kms:Decrypt'],
      [403, 'InvalidObjectState', '', UploadUnreadable, 'Restore it'],
      [400, 'InvalidRequest', 'stored using a form of Server Side Encryption', UploadUnreadable, 'S3'],
      [412, 'PreconditionFailed', '', UploadChanged, 'Keep versions'],
      [416, 'InvalidRange', '', UploadChanged, 'Keep versions'],
      [503, 'SlowDown', '', UploadsUnavailable, 'by itself'],
      [500, 'InternalError', '', UploadsUnavailable, 'network'],
      [400, 'RequestTimeout', '', UploadsUnavailable, 'network'],
      [400, 'ExpiredToken', '', UploadsUnavailable, 'credentials'],
    ])('%d %s (%s) is told as a fact, with what to do', async (status, code, message, fact, hint) => {
      const upload = await landed('some bytes');
      emulator.failNext('GET', { status, code, message });
      const error: unknown = await read(upload).catch((met: unknown) => met);
      expect(error).toBeInstanceOf(fact);
      expect(error).toMatchObject({
        message: expect.stringContaining(upload.location),
        hint: expect.stringContaining(hint),
        cause: expect.any(Error),
      });
      expect((error as Error).message).toContain(fact === UploadChanged ? 'is not what was uploaded' : code);
    });

    test('a connection that nobody answers is told as such', async () => {
      const upload = await landed('some bytes');
      emulator.failNext('GET', 'hang up');
      await expect(read(upload)).rejects.toThrow(UploadsUnavailable);
    });

    test('the client may try again by itself', async () => {
      const upload = await landed('some bytes');
      const patient = clientOf(emulator, 3);
      emulator.failNext('GET', { status: 503, code: 'SlowDown' });
      const patientStore = new S3UploadStore(patient, { now: () => 0, sleep: async () => undefined }, { bucket, maxBytes: 100 });
      expect((await collect(patientStore.open(upload, 0))).toString()).toBe('some bytes');
      patient.destroy();
    });
  });

  describe('taking in', () => {
    /** Chunks of many sizes, which make 20 MiB and a bit. */
    async function* large(total = 20 * mib + 12_345): AsyncGenerator<Uint8Array> {
      for (let left = total, n = 1; left > 0; n += 1) {
        const chunk = Buffer.alloc(Math.min(left, (n * 77_777) % 900_001), n);
        left -= chunk.length;
        yield chunk;
      }
    }

    test('a large body goes in parts, and lies under its digest alone', async () => {
      const whole = await collect(large());
      const upload = await store.take('large.csv', large());
      expect(upload.identity).toBe(`sha256:${createHash('sha256').update(whole).digest('hex')}`);
      expect(upload.size).toBe(whole.length);
      expect((await read(upload)).equals(whole)).toBe(true);
      expect(emulator.requests.filter(({ what }) => /^PUT .*partNumber=/.test(what))).toHaveLength(3);
      expect(keysUnder('.rollcall/arriving/')).toStrictEqual([]);
      expect(keysUnder('.rollcall/uploads/')).toContain(present(objectAt(upload.location)).key);
    });

    test('no more than a part and the chunk at hand are read ahead', async () => {
      let given = 0;
      async function* counted(): AsyncGenerator<Uint8Array> {
        for await (const chunk of large()) {
          given += chunk.length;
          yield chunk;
        }
      }
      const ahead: number[] = [];
      emulator.fail(({ what }) => {
        const part = /partNumber=(\d+)/.exec(what)?.[1];
        if (part !== undefined) ahead.push(given - Number(part) * 8 * mib);
        return undefined;
      });
      await store.take('large.csv', counted());
      // The second part is read before it is known that there is more than one.
      expect(Math.max(...ahead)).toBeLessThan(9 * mib);
    });

    test('a large body that breaks off leaves nothing', async () => {
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield* large(17 * mib);
        throw new Error('the line broke');
      }
      await expect(store.take('large.csv', broken())).rejects.toThrow('the line broke');
      expect(emulator.requests.some(({ what }) => /^DELETE .*uploadId=/.test(what))).toBe(true);
      expect(keysUnder('.rollcall/arriving/')).toStrictEqual([]);
    });

    test.each([9, 10 * mib])('a body that is longer than %d bytes, where no more are allowed, is refused', async (most) => {
      await expect(storeOf(most).take('large.csv', streamOf(bytesOf(10), Buffer.alloc(most)))).rejects.toThrow(UploadTooLarge);
    });

    test('an import that was marked done, taken again, is not marked', async () => {
      const upload = await store.take('people.csv', streamOf('again'));
      await store.markDone(upload);
      const { key } = present(objectAt(upload.location));
      expect(emulator.extras.tagsOf(bucket, key)).toStrictEqual({ rollcall: 'done' });
      await store.take('people.csv', streamOf('again'));
      expect(emulator.extras.tagsOf(bucket, key)).toStrictEqual({});
    });

    test.each([
      [403, 'AccessDenied', UploadNotKept, 's3:PutObject'],
      [404, 'NoSuchBucket', UploadNotKept, 'ROLLCALL_UPLOADS_BUCKET'],
      [400, 'KMS.NotFoundException', UploadNotKept, 'kms:GenerateDataKey'],
      [503, 'SlowDown', UploadsUnavailable, 'by itself'],
    ])('%d %s is told as a fact, with what to do', async (status, code, fact, hint) => {
      emulator.failNext('PUT', { status, code });
      const small: unknown = await store.take('people.csv', streamOf('x')).catch((met: unknown) => met);
      emulator.failNext('PUT', { status, code });
      const big: unknown = await store.take('large.csv', large()).catch((met: unknown) => met);
      for (const error of [small, big]) {
        expect(error).toBeInstanceOf(fact);
        expect(error).toMatchObject({ message: expect.stringContaining(code), hint: expect.stringContaining(hint) });
      }
    });
  });

  describe('marking', () => {
    test('other tags stay', async () => {
      const upload = await landed('x');
      const tags = [{ Key: 'team', Value: 'hr' }];
      await client.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: 'people.csv', Tagging: { TagSet: tags } }));
      await store.markDone(upload);
      await store.markDone(upload);
      expect(emulator.extras.tagsOf(bucket, 'people.csv')).toStrictEqual({ team: 'hr', rollcall: 'done' });
    });

    test('an object that took the place of the upload is left alone, and one that is gone too', async () => {
      const upload = await landed('first');
      await landed('another');
      await store.markDone(upload);
      expect(emulator.extras.tagsOf(bucket, 'people.csv')).toStrictEqual({});
      emulator.s3.deleteObject(bucket, 'people.csv');
      await store.markDone(upload);
    });

    test('where it may not be done, it says which permission there should be', async () => {
      const upload = await landed('x');
      emulator.failNext('PUT', { status: 403, code: 'AccessDenied' });
      await expect(store.markDone(upload)).rejects.toMatchObject({
        code: 'upload-not-kept',
        hint: expect.stringContaining('s3:PutObjectTagging'),
      });
    });
  });
});
