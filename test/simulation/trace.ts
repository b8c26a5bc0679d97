import type { Fault } from './faults.ts';

/** What happened in a run, step by step: the last of it for people, all of it as one number to compare runs by. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #kept: number;
  #digest = 0x811c9dc5;

  /** @param kept how many of the last steps are kept */
  constructor(kept: number) {
    this.#kept = kept;
  }

  note(step: number, at: number, who: string, what: string, fault: Fault | undefined): void {
    const line = `${step} ${at - start} ${who} ${what}${fault ? ` !${fault}` : ''}`;
    for (let i = 0; i < line.length; i++) this.#digest = Math.imul(this.#digest ^ line.charCodeAt(i), 0x01000193);
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#kept) this.#lines.splice(0, this.#kept);
  }

  /** The last steps: number, milliseconds since the start, who called what, and what went wrong with it. */
  get last(): readonly string[] {
    return this.#lines.slice(-this.#kept);
  }

  /** The same for runs that were the same to the last step (FNV-1a). */
  get digest(): string {
    return (this.#digest >>> 0).toString(16).padStart(8, '0');
  }
}

/** When every run starts (`MemoryClock`). */
const start = 1_800_000_000_000;
