import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** What a file holds, and when it was last changed, in nanoseconds since the epoch. */
export interface Identified {
  /** The SHA-256 of its bytes, in hexadecimal digits. */
  readonly digest: string;
  readonly size: number;
  readonly modified: bigint;
}

const hashedAtOnce = 1024 * 1024;
const readAtOnce = 256 * 1024;

/**
 * Reads a file from its start to where it ended before the first byte was read, in constant memory: a file that grows
 * all the time has an end, too. `modified` is of that time.
 */
export async function identify(handle: FileHandle): Promise<Identified> {
  const before = await handle.stat({ bigint: true });
  const end = Number(before.size);
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(hashedAtOnce);
  let size = 0;
  while (size < end) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(hashedAtOnce, end - size), size);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  return { digest: hash.digest('hex'), size, modified: before.mtimeNs };
}

/** The bytes from `start` up to `end`, or to the file's end, each chunk in memory of its own; and at last how many they were. */
export async function* readBetween(handle: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array, number> {
  let at = start;
  while (at < end) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(readAtOnce, end - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
  return at - start;
}

/** Whether a file is not what it was, as far as its size and time tell. */
export async function changedSince(handle: FileHandle, before: { readonly size: number; readonly modified: bigint }): Promise<boolean> {
  const now = await handle.stat({ bigint: true });
  return Number(now.size) !== before.size || now.mtimeNs !== before.modified;
}
