import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { SpooledUpload, UploadSpool } from '../../ports/upload-spool.ts';
import { UploadsUnavailable } from '../../ports/upload-store.ts';
import { parseLocation, spoolLocation } from './location.ts';

/** The spool directory of a FileSystemUploadStore. What lies there beside its uploads is left alone. */
export class FileSystemUploadSpool implements UploadSpool {
  readonly #directory: string;

  /** @param directory need not exist */
  constructor(directory: string) {
    this.#directory = resolve(directory);
  }

  async list(): Promise<readonly SpooledUpload[]> {
    const found: SpooledUpload[] = [];
    for (const name of (await this.#asking(readdir(this.#directory))) ?? []) {
      const location = parseLocation(spoolLocation(name)) ? spoolLocation(name) : undefined;
      if (location === undefined && !unfinished.test(name)) continue;
      // It may be gone by now: whoever it belonged to is done with it.
      const state = await this.#asking(stat(join(this.#directory, name)));
      if (state) found.push({ name, ...(location !== undefined && { location }), touchedAt: state.mtimeMs });
    }
    return found;
  }

  async remove({ name }: SpooledUpload): Promise<void> {
    await this.#asking(rm(join(this.#directory, name)));
  }

  /** What the file system answers; nothing where there is nothing of that name. */
  async #asking<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new UploadsUnavailable(`${this.#directory} cannot be looked through (${(cause as Error).message}).`, {
        cause,
        hint: 'See that you may read it and write to it.',
      });
    }
  }
}

/** What is still coming in, as FileSystemUploadStore names it. */
const unfinished = /^[.][0-9a-f-]{36}[.]part$/;
