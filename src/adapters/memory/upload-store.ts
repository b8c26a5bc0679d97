import { createHash } from 'node:crypto';
import { UploadMissing, type UploadStore } from '../../ports/upload-store.ts';
import type { Upload } from '../../ports/vocabulary.ts';

/** Uploads in memory, for tests and trials. */
export class MemoryUploadStore implements UploadStore {
  readonly #kept = new Map<string, Uint8Array>();
  #taken = 0;

  async take(name: string, bytes: AsyncIterable<Uint8Array>): Promise<Upload> {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(part);
    const whole = new Uint8Array(Buffer.concat(parts));
    const digest = createHash('sha256').update(whole).digest('hex');
    // A place of its own each time: whoever is done with the same bytes elsewhere takes nothing away from here.
    const location = `memory:${digest}.${++this.#taken}`;
    this.#kept.set(location, whole);
    return { identity: `sha256:${digest}`, location, name, size: whole.length };
  }

  async *open(upload: Upload, offset: number): AsyncIterable<Uint8Array> {
    const bytes = this.#kept.get(upload.location);
    if (bytes === undefined) throw new UploadMissing(`${upload.name} is not kept here.`, { hint: 'Import the file again.' });
    if (offset < bytes.length) yield bytes.slice(offset); // A copy: what the reader does with it is the reader's affair.
  }

  async markDone(upload: Upload): Promise<void> {
    this.#kept.delete(upload.location);
  }
}
