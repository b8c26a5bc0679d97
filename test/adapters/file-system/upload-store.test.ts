import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { FileSystemUploadStore } from '../../../src/adapters/file-system/upload-store.ts';
import { UploadChanged, UploadMissing, UploadNotKept, UploadUnreadable } from '../../../src/ports/upload-store.ts';
import { collect, streamOf, uploadStoreContract } from '../../contracts/upload-store.contract.ts';
import { withoutRootRights } from '../../rights.ts';

const people = 'name,email\nA,a@example.com\n';
let directory: string;
let spool: string;
let file: string;
let store: FileSystemUploadStore;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-uploads-'));
  spool = join(directory, 'spool');
  file = join(directory, 'people.csv');
  store = new FileSystemUploadStore(spool);
  await writeFile(file, people);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

uploadStoreContract('FileSystemUploadStore', async () => store);

describe('what FileSystemUploadStore takes as a stream', () => {
  test('taken twice, is there until both are done with', async () => {
    const [one, other] = [await store.take('a.csv', streamOf(people)), await store.take('b.csv', streamOf(people))];
    expect(one.identity).toBe(other.identity);
    await store.markDone(one);
    expect((await collect(store.open(other, 0))).toString()).toBe(people);
    await store.markDone(other);
    expect(await readdir(spool)).toEqual([]);
  });

  test('lies in the spool directory under its digest and a name of its own, for its owner only', async () => {
    await store.take('people.csv', streamOf(people));
    const digest = createHash('sha256').update(people).digest('hex');
    const [file = ''] = await readdir(spool);
    expect(file).toMatch(new RegExp(`^${digest}[.][0-9a-f-]{36}$`));
    expect(await readFile(join(spool, file), 'utf8')).toBe(people);
    expect((await stat(join(spool, file))).mode & 0o777).toBe(0o600);
    expect((await stat(spool)).mode & 0o777).toBe(0o700);
  });

  test('leaves nothing behind where its source breaks off', async () => {
    const broken = async function* (): AsyncIterable<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the line broke');
    };
    await expect(store.take('people.csv', broken())).rejects.toThrow('the line broke');
    expect(await readdir(spool)).toEqual([]);
  });

  test('is found by another process, wherever that runs', async () => {
    const upload = await store.take('people.csv', streamOf(people));
    const other = new FileSystemUploadStore(relative(process.cwd(), spool));
    expect((await collect(other.open(upload, 5))).toString()).toBe(people.slice(5));
  });

  test('is removed when it is done with', async () => {
    await store.markDone(await store.take('people.csv', streamOf(people)));
    expect(await readdir(spool)).toEqual([]);
  });

  test('is refused when somebody changed it', async () => {
    const upload = await store.take('people.csv', streamOf(people));
    await truncate(join(spool, upload.location.slice('spool:'.length)), 3);
    await expect(collect(store.open(upload, 0))).rejects.toThrow(UploadChanged);
  });

  test('is not kept where there is no place for it, and the error says where', async () => {
    const nowhere = new FileSystemUploadStore(join(file, 'spool'));
    const taking = nowhere.take('people.csv', streamOf(people));
    await expect(taking).rejects.toThrow(UploadNotKept);
    await expect(taking).rejects.toThrow(join(file, 'spool'));
  });
});

describe('a file that FileSystemUploadStore takes where it lies', () => {
  test('has the identity of its bytes, and is not copied', async () => {
    const upload = await store.takeFile(file);
    const streamed = await store.take('other.csv', streamOf(people));
    expect(upload).toMatchObject({ identity: streamed.identity, name: 'people.csv', size: people.length });
    await store.markDone(streamed);
    expect(await readdir(spool)).toEqual([]);
    expect((await collect(store.open(upload, 5))).toString()).toBe(people.slice(5));
  });

  test('is one upload by whatever path it is named', async () => {
    expect(await store.takeFile(relative(process.cwd(), file))).toEqual(await store.takeFile(file));
  });

  test('is hashed whole, also where it is larger than what is read at once', async () => {
    const large = Buffer.alloc(2_500_001, 'rollcall');
    await writeFile(file, large);
    const upload = await store.takeFile(file);
    expect(upload.identity).toBe(`sha256:${createHash('sha256').update(large).digest('hex')}`);
    expect((await collect(store.open(upload, 0))).equals(large)).toBe(true);
  });

  test('is refused when it changes while it is being taken', async () => {
    await writeFile(file, Buffer.alloc(8 * 1024 * 1024));
    const state = { over: false };
    const taking = store.takeFile(file).finally(() => (state.over = true));
    const writing = async (): Promise<void> => {
      while (!state.over) await appendFile(file, 'more');
    };
    const [taken] = await Promise.allSettled([taking, writing()]);
    expect(taken).toMatchObject({ status: 'rejected', reason: { message: `${file} changed while it was being read.` } });
  });

  test('stays when it is done with: it is not ours', async () => {
    await store.markDone(await store.takeFile(file));
    expect(await readFile(file, 'utf8')).toBe(people);
  });

  test('may have any name', async () => {
    const odd = join(directory, 'people: of 2026\n(new).csv');
    await writeFile(odd, people);
    const upload = await store.takeFile(odd);
    expect(upload.name).toBe('people: of 2026\n(new).csv');
    expect((await collect(store.open(upload, 0))).toString()).toBe(people);
  });

  test('may be a pipe: it is spooled, for it can be read once', async () => {
    const fifo = join(directory, 'pipe');
    execFileSync('mkfifo', [fifo]);
    const [upload] = await Promise.all([store.takeFile(fifo), writeFile(fifo, people)]);
    expect(upload).toMatchObject({ name: 'pipe', size: people.length });
    expect((await collect(store.open(upload, 0))).toString()).toBe(people);
    expect(await readdir(spool)).toHaveLength(1);
  });

  test('may be touched, or replaced by an equal one', async () => {
    const upload = await store.takeFile(file);
    await utimes(file, 1, 1);
    expect((await collect(store.open(upload, 0))).toString()).toBe(people);
    await rm(file);
    await writeFile(file, people);
    expect((await collect(store.open(upload, 0))).toString()).toBe(people);
  });

  test.each<[string, () => Promise<void>]>([
    ['grown', () => appendFile(file, 'B,b@example.com\n')],
    ['been cut', () => truncate(file, 5)],
    ['got other bytes of the same length', () => writeFile(file, people.replace('A', 'B'))],
  ])('is refused when it has %s', async (_, change) => {
    const upload = await store.takeFile(file);
    await utimes(file, 1, 1); // Another time than before, however coarse the file system's clock is.
    await change();
    const reading = collect(store.open(upload, 0));
    await expect(reading).rejects.toThrow(UploadChanged);
    await expect(reading).rejects.toThrow(`${file} is not the file that was imported: its bytes have changed since.`);
  });

  test.each<[string, () => Promise<void>]>([
    ['grows', () => appendFile(file, 'more')],
    ['is cut', () => truncate(file, 300_000)],
    ['is overwritten', () => writeFile(file, Buffer.alloc(600_000, 'b'))],
  ])('is refused when it %s while it is being read', async (_, change) => {
    await writeFile(file, Buffer.alloc(600_000, 'a'));
    await utimes(file, 1, 1);
    const upload = await store.takeFile(file);
    const reading = async (): Promise<void> => {
      for await (const chunk of store.open(upload, 0)) if (chunk.length > 0) await change();
    };
    await expect(reading()).rejects.toThrow(UploadChanged);
  });

  test('may be replaced while it is being read: the old bytes are read to their end', async () => {
    await writeFile(file, Buffer.alloc(600_000, 'a'));
    const upload = await store.takeFile(file);
    const read: Uint8Array[] = [];
    for await (const chunk of store.open(upload, 0)) {
      if (read.push(chunk) > 1) continue;
      await writeFile(`${file}.new`, 'other');
      await rename(`${file}.new`, file);
    }
    expect(Buffer.concat(read).equals(Buffer.alloc(600_000, 'a'))).toBe(true);
  });

  test('may be touched while it is being read', async () => {
    await writeFile(file, Buffer.alloc(600_000, 'a'));
    const upload = await store.takeFile(file);
    let size = 0;
    for await (const chunk of store.open(upload, 0)) {
      size += chunk.length;
      await utimes(file, size, size);
    }
    expect(size).toBe(600_000);
  });
});

describe('a path that is no file', () => {
  test('is missing', async () => {
    const path = join(directory, 'nobody.csv');
    await expect(store.takeFile(path)).rejects.toMatchObject({
      name: 'UploadMissing',
      message: `There is no file ${path}.`,
      hint: 'Check the path, and put the file back if it was moved.',
    });
    await expect(store.takeFile(join(file, 'below.csv'))).rejects.toThrow(UploadMissing);
  });

  test('is missing when it was there before', async () => {
    const upload = await store.takeFile(file);
    await rm(file);
    await expect(collect(store.open(upload, 0))).rejects.toThrow(`There is no file ${file}.`);
    const spooled = await store.take('people.csv', streamOf(people));
    await store.markDone(spooled);
    await expect(collect(store.open(spooled, 0))).rejects.toThrow(UploadMissing);
    await expect(collect(store.open({ ...upload, location: 's3:bucket' }, 0))).rejects.toThrow(UploadMissing);
  });

  test('is a directory', async () => {
    await expect(store.takeFile(directory)).rejects.toMatchObject({
      name: 'UploadUnreadable',
      message: `${directory} is a directory, not a file.`,
      hint: 'Name the CSV file in it.',
    });
    const upload = await store.takeFile(file);
    await rm(file);
    await mkdir(file);
    await expect(collect(store.open(upload, 0))).rejects.toThrow(UploadUnreadable);
  });

  test('is a link that leads to itself', async () => {
    const link = join(directory, 'link.csv');
    await symlink(link, link);
    await expect(store.takeFile(link)).rejects.toThrow(UploadUnreadable);
  });

  test('may not be read', async () => {
    await chmod(directory, 0o755);
    const upload = await store.takeFile(file);
    await chmod(file, 0o000);
    await withoutRootRights(async () => {
      await expect(store.takeFile(file)).rejects.toMatchObject({ name: 'UploadUnreadable', message: `${file} may not be read by you.` });
      await expect(collect(store.open(upload, 0))).rejects.toThrow(UploadUnreadable);
    });
  });
});
