import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Clock } from '../../ports/clock.ts';
import { Grouped } from './grouped.ts';

/**
 * The messages in cur/, by their names without flags. The folder is read again when its modification time says that somebody
 * changed it. Reading it for every message would take ever longer; asking for the time takes microseconds.
 */
export class SeenMessages {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #list: Grouped;
  #suffixes: ReadonlyMap<string, string> = new Map();
  /** The folder's modification time for which they hold. */
  #asOf: bigint | undefined;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
    this.#list = new Grouped(() => this.#read());
  }

  /** The file's name in the folder, with the flags that it has. */
  async find(name: string): Promise<string | undefined> {
    const modified = modifiedAt(this.#folder);
    if (modified === undefined) return undefined;
    if (modified !== this.#asOf) await this.#list.run();
    const suffix = this.#suffixes.get(name);
    return suffix === undefined ? undefined : name + suffix;
  }

  async #read(): Promise<void> {
    const modified = modifiedAt(this.#folder);
    const now = this.#clock.now();
    const suffixes = new Map<string, string>();
    for (const file of await readdir(this.#folder)) {
      const flags = file.indexOf(':');
      suffixes.set(flags < 0 ? file : file.slice(0, flags), flags < 0 ? '' : file.slice(flags));
    }
    this.#suffixes = suffixes;
    // A younger time proves nothing: on a coarse clock the next change has the same one.
    this.#asOf = modified !== undefined && now - Number(modified / 1_000_000n) > 2_000 ? modified : undefined;
  }
}

/** In nanoseconds; undefined where there is no such folder. */
function modifiedAt(folder: string): bigint | undefined {
  return statSync(folder, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}
