import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSystemUploadSpool } from '../../../src/adapters/file-system/upload-spool.ts';
import { FileSystemUploadStore } from '../../../src/adapters/file-system/upload-store.ts';
import { UploadsUnavailable } from '../../../src/ports/upload-store.ts';
import { uploadSpoolContract } from '../../contracts/upload-spool.contract.ts';

let directory: string;
let folder: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-spool-'));
  folder = join(directory, 'spool');
});
afterEach(() => rm(directory, { recursive: true }));

uploadSpoolContract('FileSystemUploadSpool', async () => ({
  spool: new FileSystemUploadSpool(folder),
  uploads: new FileSystemUploadStore(folder),
}));

describe('the folder of FileSystemUploadSpool', () => {
  test('may hold what is not ours: it is not told, and so not removed', async () => {
    await mkdir(join(folder, 'folder'), { recursive: true });
    for (const name of ['people.csv', '.hidden.part', `${'a'.repeat(64)}.csv`]) await writeFile(join(folder, name), 'mine');
    expect(await new FileSystemUploadSpool(folder).list()).toStrictEqual([]);
    expect(await readdir(folder)).toHaveLength(4);
  });

  test('that cannot be looked through is a fact', async () => {
    await writeFile(folder, 'no folder');
    await expect(new FileSystemUploadSpool(folder).list()).rejects.toThrow(UploadsUnavailable);
  });
});
