import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { UploadMissing, type UploadStore } from '../../src/ports/upload-store.ts';

/** What every upload store promises. */
export function uploadStoreContract(label: string, make: () => Promise<UploadStore>): void {
  describe(`${label} as an UploadStore`, () => {
    let store: UploadStore;

    beforeEach(async () => {
      store = await make();
    });

    test('says what it took in', async () => {
      const upload = await store.take('people.csv', streamOf('name,email\n', 'A,a@example.com\n'));
      const digest = createHash('sha256').update('name,email\nA,a@example.com\n').digest('hex');
      expect(upload).toEqual({ identity: `sha256:${digest}`, location: expect.any(String), name: 'people.csv', size: 27 });
    });

    test('gives back the bytes from any offset, however they came in', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), fc.nat(), async (parts, seed) => {
          const whole = Buffer.concat(parts);
          const upload = await store.take('some.csv', streamOf(...parts));
          const offset = seed % (whole.length + 1);
          expect(await collect(store.open(upload, 0))).toEqual(whole);
          expect(await collect(store.open(upload, offset))).toEqual(whole.subarray(offset));
        }),
        { numRuns: 30 },
      );
    });

    test('gives back more than fits into one chunk', async () => {
      const whole = Buffer.alloc(700_001, 'rollcall');
      const upload = await store.take('large.csv', streamOf(whole.subarray(0, 300_000), whole.subarray(300_000)));
      expect((await collect(store.open(upload, 0))).equals(whole)).toBe(true);
      expect((await collect(store.open(upload, 699_999))).equals(whole.subarray(699_999))).toBe(true);
      expect((await collect(store.open(upload, whole.length))).length).toBe(0);
    });

    test('takes the same bytes twice as one upload, and others as another', async () => {
      const first = await store.take('first.csv', streamOf('a', 'b'));
      const second = await store.take('second.csv', streamOf('ab'));
      const other = await store.take('first.csv', streamOf('ac'));
      // They may lie in two places.
      expect(second).toEqual({ ...first, name: 'second.csv', location: second.location });
      expect(other.identity).not.toBe(first.identity);
      expect(await text(store.open(first, 0))).toBe('ab');
      expect(await text(store.open(other, 0))).toBe('ac');
    });

    test('takes nothing as an empty upload', async () => {
      const upload = await store.take('empty.csv', streamOf());
      expect(upload.size).toBe(0);
      expect(await text(store.open(upload, 0))).toBe('');
    });

    test('lets several read at once, and each stop when it likes', async () => {
      const whole = Buffer.alloc(700_000, 'x');
      const upload = await store.take('people.csv', streamOf(whole));
      for await (const chunk of store.open(upload, 0)) {
        expect(chunk.length).toBeGreaterThan(0);
        expect((await collect(store.open(upload, 5))).length).toBe(699_995);
        break;
      }
      expect((await collect(store.open(upload, 0))).length).toBe(700_000);
    });

    test('hands out chunks that are the reader’s own', async () => {
      const upload = await store.take('people.csv', streamOf(Buffer.alloc(600_000, 'a')));
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.open(upload, 0)) chunks.push(chunk);
      chunks[0]!.fill(0);
      expect(Buffer.concat(chunks.slice(1)).includes(0)).toBe(false);
      expect((await collect(store.open(upload, 0))).includes(0)).toBe(false);
    });

    test('takes nothing in where its source breaks off, and says why', async () => {
      const source = async function* (): AsyncIterable<Uint8Array> {
        yield Buffer.from('half');
        throw new Error('the line broke');
      };
      await expect(store.take('people.csv', source())).rejects.toThrow('the line broke');
    });

    test('says so where there is no such upload', async () => {
      const upload = await store.take('people.csv', streamOf('a'));
      const digest = createHash('sha256').update('never taken').digest('hex');
      const never = { ...upload, identity: `sha256:${digest}`, location: upload.location.replace(/[0-9a-f]{64}/, digest) };
      await expect(collect(store.open(never, 0))).rejects.toThrow(UploadMissing);
    });

    test('can be told twice that an upload is done with, and takes it again', async () => {
      const upload = await store.take('people.csv', streamOf('a'));
      await store.markDone(upload);
      await store.markDone(upload);
      const again = await store.take('people.csv', streamOf('a'));
      expect(again).toEqual({ ...upload, location: again.location });
      expect(await text(store.open(again, 0))).toBe('a');
    });
  });
}

/** Parts as a stream. */
export async function* streamOf(...parts: readonly (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

/** All of a stream's bytes. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return (await collect(stream)).toString();
}
