import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import type { UserId } from '../../ports/vocabulary.ts';
import { Grouped } from './grouped.ts';
import { SeenMessages } from './seen-messages.ts';

/**
 * One maildir (https://cr.yp.to/proto/maildir.html): a message is written to tmp/, flushed, and moved to new/; a mail
 * reader moves it on to cur/ and appends `:2,` and flags to its name. Messages only ever go tmp → new → cur, so whoever
 * looks into new/ first and into cur/ then misses none.
 */
export class Maildir {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #tmp: string;
  readonly #new: string;
  readonly #cur: string;
  readonly #seen: SeenMessages;
  readonly #flushNames: Grouped;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    this.#tmp = join(path, 'tmp');
    this.#new = join(path, 'new');
    this.#cur = join(path, 'cur');
    this.#seen = new SeenMessages(this.#cur, clock);
    this.#flushNames = new Grouped(() => flush(this.#new));
  }

  /** Makes the folders, and removes what was left in tmp/ by a delivery that died more than 36 hours ago, as the rules ask. */
  async prepare(): Promise<void> {
    for (const folder of [this.#path, this.#tmp, this.#new, this.#cur]) await mkdir(folder, { recursive: true, mode: 0o700 });
    const now = this.#clock.now();
    for (const name of await readdir(this.#tmp)) {
      const file = join(this.#tmp, name);
      const left = await stat(file).catch(ignoreMissing);
      if (left?.isFile() && now - Math.max(left.atimeMs, left.mtimeMs) > 36 * 3_600_000) await rm(file, { force: true });
    }
  }

  /**
   * Keeps the bytes as the user's message, unless there is one. When it resolves, the message and its name have been
   * flushed to the disk: it survives a power cut.
   */
  async keep(user: UserId, bytes: Uint8Array): Promise<void> {
    const name = nameOf(user);
    if ((await this.#locate(name)) === undefined) {
      const temporary = join(this.#tmp, this.#uniqueName());
      try {
        await writeFlushed(temporary, withLineFeeds(bytes));
        // Should the name have appeared meanwhile, it is the same message: this leaves one, too.
        await rename(temporary, join(this.#new, name));
      } catch (error) {
        await removeLeftover(temporary);
        throw error;
      }
    }
    await this.#flushNames.run();
  }

  /** The user's message, wherever it is by now. */
  async find(user: UserId): Promise<Uint8Array | undefined> {
    const name = nameOf(user);
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const file = await this.#locate(name);
      if (file === undefined) return undefined;
      const bytes = await readFile(file).catch(ignoreMissing);
      // Undefined: a reader moved it, or changed its flags, since it was located.
      if (bytes !== undefined) return withCrlf(bytes);
    }
    throw new Error(`The message ${name} in ${this.#path} moves faster than it can be read`);
  }

  async #locate(name: string): Promise<string | undefined> {
    const file = join(this.#new, name);
    if (await stat(file).catch(ignoreMissing)) return file;
    const seen = await this.#seen.find(name);
    return seen === undefined ? undefined : join(this.#cur, seen);
  }

  /** Time, something unique and host, as the rules ask. */
  #uniqueName(): string {
    const host = hostname().replaceAll('/', '\\057').replaceAll(':', '\\072');
    return `${Math.floor(this.#clock.now() / 1_000)}.${randomUUID()}.${host}`;
  }
}

/** The message's base name: the same for a user at any time. Ids that could not stand in a file name are hashed. */
function nameOf(user: UserId): string {
  const id = /^[A-Za-z0-9_-]{1,64}$/.test(user) ? user : `sha256-${createHash('sha256').update(user).digest('hex')}`;
  return `welcome.${id}.rollcall`;
}

/** Files have line ends as the system's own text files have them: mail readers show a CR. */
function withLineFeeds(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

/** The message as it was: in one, CR and LF only ever stand together (RFC 5322 2.3). */
function withCrlf(bytes: Buffer): Uint8Array {
  return Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** What cannot be removed now is removed by `prepare`, 36 hours later: the failure that led here is the one to tell of. */
async function removeLeftover(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/** Flushes a folder, and so the names in it (fsync(2): flushing a file does not flush its name). */
async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}

/** The system's code of an error, such as `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
