import { describe, expect, test } from '@jest/globals';
import type { UploadSpool } from '../../src/ports/upload-spool.ts';
import type { UploadStore } from '../../src/ports/upload-store.ts';
import { collect, streamOf } from './upload-store.contract.ts';

export interface SpoolUnderTest {
  readonly spool: UploadSpool;
  /** The store whose spool it is. */
  readonly uploads: UploadStore;
}

/** What every UploadSpool must do. */
export function uploadSpoolContract(label: string, make: () => Promise<SpoolUnderTest>): void {
  describe(`UploadSpool: ${label}`, () => {
    test('is empty before anything was taken', async () => {
      expect(await (await make()).spool.list()).toStrictEqual([]);
    });

    test('tells each upload that was taken by its location, and when it came', async () => {
      const { spool, uploads } = await make();
      const before = Date.now() - 1_000;
      const taken = [await uploads.take('a.csv', streamOf('a')), await uploads.take('a.csv', streamOf('a'))];
      const listed = await spool.list();
      expect(listed.map(({ location }) => location).sort()).toStrictEqual(taken.map(({ location }) => location).sort());
      expect(listed.every(({ touchedAt }) => touchedAt >= before && touchedAt <= Date.now() + 1_000)).toBe(true);
    });

    test('tells what is still coming in, without a location', async () => {
      const { spool, uploads } = await make();
      let amid: unknown;
      await uploads.take(
        'a.csv',
        (async function* () {
          yield Buffer.from('half');
          amid = (await spool.list()).map(({ location }) => location);
        })(),
      );
      expect(amid).toStrictEqual([undefined]);
    });

    test('removes one and leaves the others, also where it was removed before', async () => {
      const { spool, uploads } = await make();
      const [one, other] = [await uploads.take('a.csv', streamOf('one')), await uploads.take('b.csv', streamOf('other'))];
      const listed = (await spool.list()).find(({ location }) => location === one.location);
      if (!listed) throw new Error('The upload is not listed.');
      await spool.remove(listed);
      await spool.remove(listed);
      expect((await spool.list()).map(({ location }) => location)).toStrictEqual([other.location]);
      expect((await collect(uploads.open(other, 0))).toString()).toBe('other');
    });
  });
}
