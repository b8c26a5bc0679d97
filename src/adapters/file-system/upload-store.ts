import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UploadChanged, UploadMissing, UploadNotKept, UploadUnreadable, type UploadStore } from '../../ports/upload-store.ts';
import type { Upload } from '../../ports/vocabulary.ts';
import { changedSince, identify, readBetween, type Identified } from './file.ts';
import { fileLocation, parseLocation, spoolLocation, type Location } from './location.ts';

/**
 * Uploads as files: those that people have lie where they are and are only read; what comes as a stream is spooled to
 * `<spool directory>/<SHA-256>.<random name>`, readable by its owner only: the same bytes taken twice are two files, so that whoever is
 * done with one takes nothing from the other. An upload's identity is `sha256:` and the hexadecimal digest of its bytes.
 */
export class FileSystemUploadStore implements UploadStore {
  readonly #spool: string;

  /** @param spoolDirectory made when the first stream is taken. */
  constructor(spoolDirectory: string) {
    this.#spool = resolve(spoolDirectory);
  }

  /** Spools the bytes: they are on the disk, whole, before the upload is named. */
  async take(name: string, bytes: AsyncIterable<Uint8Array>): Promise<Upload> {
    await this.#keep(mkdir(this.#spool, { recursive: true, mode: 0o700 }));
    const own = randomUUID();
    const part = join(this.#spool, `.${own}.part`);
    try {
      const { digest, size } = await this.#write(part, bytes);
      const file = `${digest}.${own}`;
      await this.#keep(rename(part, join(this.#spool, file)));
      await this.#keep(syncDirectory(this.#spool));
      return { identity: `sha256:${digest}`, location: spoolLocation(file), name, size };
    } finally {
      await rm(part, { force: true });
    }
  }

  /**
   * Takes in a person's own file where it lies: hashes it and copies nothing. A pipe is spooled, for it can be read once only.
   * @throws UploadMissing, UploadUnreadable, UploadChanged
   */
  async takeFile(path: string): Promise<Upload> {
    const absolute = resolve(path);
    const state = await stat(absolute, { bigint: true }).catch((error: unknown) => {
      throw asFact(error, path);
    });
    if (state.isDirectory()) throw isDirectory(path);
    if (!state.isFile()) return this.take(basename(absolute), pipe(absolute, path));

    const handle = await openFile(absolute, path);
    try {
      const { digest, size, modified } = await identify(handle).catch((error: unknown) => {
        throw asFact(error, path);
      });
      if (await changedSince(handle, { size, modified })) throw changedWhileRead(path);
      return { identity: `sha256:${digest}`, location: fileLocation(absolute, modified), name: basename(absolute), size };
    } finally {
      await handle.close();
    }
  }

  /** @throws UploadMissing, UploadChanged (a file counts as changed if its bytes did, not its time), UploadUnreadable */
  async *open(upload: Upload, offset: number): AsyncIterable<Uint8Array> {
    const location = parseLocation(upload.location);
    if (location === undefined)
      throw new UploadMissing(`${upload.name} is not kept in this place (${upload.location}).`, { hint: importAgain });
    const path = this.#pathOf(location);
    const handle = await openFile(path, path);
    try {
      const state = await handle.stat({ bigint: true });
      if (state.isDirectory()) throw isDirectory(path);
      const asRecorded = Number(state.size) === upload.size && (location.kind === 'spool' || state.mtimeNs === location.modified);
      if (!asRecorded && !(await holds(handle, upload))) throw changedSinceTaken(path);

      const now = { size: upload.size, modified: state.mtimeNs };
      const read = yield* readBetween(handle, offset, upload.size);
      if (await changedSince(handle, now)) {
        if (offset + read !== upload.size || !(await holds(handle, upload))) throw changedWhileRead(path);
      }
    } catch (error) {
      throw asFact(error, path);
    } finally {
      await handle.close();
    }
  }

  /** Removes the spooled bytes. A person's own file is theirs: it stays. */
  async markDone(upload: Upload): Promise<void> {
    const location = parseLocation(upload.location);
    if (location?.kind === 'spool') await rm(this.#pathOf(location), { force: true });
  }

  #pathOf(location: Location): string {
    return location.kind === 'spool' ? join(this.#spool, location.file) : location.path;
  }

  /** Writes all the bytes to a new file and waits until they are on the disk. */
  async #write(path: string, bytes: AsyncIterable<Uint8Array>): Promise<{ digest: string; size: number }> {
    const handle = await this.#keep(open(path, 'wx', 0o600));
    try {
      const hash = createHash('sha256');
      let size = 0;
      for await (const chunk of bytes) {
        hash.update(chunk);
        await this.#keep(handle.writeFile(chunk));
        size += chunk.length;
      }
      await this.#keep(handle.sync());
      return { digest: hash.digest('hex'), size };
    } finally {
      await handle.close();
    }
  }

  /** What went wrong while we wrote is a fact about the place; what the bytes' source throws is not ours. */
  async #keep<T>(writing: Promise<T>): Promise<T> {
    return writing.catch((cause: unknown) => {
      throw new UploadNotKept(`What comes in cannot be kept in ${this.#spool} (${(cause as Error).message}).`, {
        cause,
        hint: 'Make room there, and see that you may write to it.',
      });
    });
  }
}

const importAgain = 'Import the file again.';

/** Puts a directory's entries on the disk. Windows cannot, and need not. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function openFile(path: string, shown: string): Promise<FileHandle> {
  return open(path, 'r').catch((error: unknown) => {
    throw asFact(error, shown);
  });
}

async function* pipe(path: string, shown: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw asFact(error, shown);
  }
}

/** Whether the file has the very bytes that were taken in. */
async function holds(handle: FileHandle, upload: Upload): Promise<boolean> {
  const { digest }: Identified = await identify(handle);
  return `sha256:${digest}` === upload.identity;
}

function changedSinceTaken(path: string): UploadChanged {
  return new UploadChanged(`${path} is not the file that was imported: its bytes have changed since.`, {
    hint: 'Put the old file back to finish its import, or import the new one: it is an import of its own.',
  });
}

function changedWhileRead(path: string): UploadChanged {
  return new UploadChanged(`${path} changed while it was being read.`, {
    hint: 'Wait until whoever writes it is done, and import it then.',
  });
}

function isDirectory(path: string): UploadUnreadable {
  return new UploadUnreadable(`${path} is a directory, not a file.`, { hint: 'Name the CSV file in it.' });
}

/** What an error of the file system means for the upload; other errors are what they are. */
function asFact(error: unknown, path: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new UploadMissing(`There is no file ${path}.`, {
        cause: error,
        hint: 'Check the path, and put the file back if it was moved.',
      });
    case 'EISDIR':
      return isDirectory(path);
    case 'EACCES':
    case 'EPERM':
      return new UploadUnreadable(`${path} may not be read by you.`, {
        cause: error,
        hint: 'Give yourself the right to read it, or ask its owner to.',
      });
    case 'EIO':
    case 'ELOOP':
    case 'ENXIO':
    case 'ENAMETOOLONG':
      return new UploadUnreadable(`${path} cannot be read (${(error as Error).message}).`, {
        cause: error,
        hint: 'Copy the file to another place and import it from there.',
      });
    default:
      return error;
  }
}
