/** Remembers what has not worked since when, by stage. */
export class Troubles {
  readonly #patienceMs: number;
  readonly #since = new Map<string, { readonly at: number; trouble: Error }>();

  /** @param patienceMs how long something may not work */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Takes note that a stage met a trouble, or that it works. */
  hear(stage: string, trouble: Error | undefined): void {
    const known = this.#since.get(stage);
    if (!trouble) this.#since.delete(stage);
    else if (known) known.trouble = trouble;
    else this.#since.set(stage, { at: performance.now(), trouble });
  }

  /** What has not worked for longer than anyone wants to wait. */
  tooLong(): Error | undefined {
    const now = performance.now();
    return [...this.#since.values()].find(({ at }) => now - at >= this.#patienceMs)?.trouble;
  }
}
