/** Work that many ask for at once and that one run does for all of them: of those who asked before it began. */
export class Grouped {
  readonly #work: () => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves or rejects with the first run that begins after this call. At most one run is under way. */
  run(): Promise<void> {
    if (this.#next === undefined) {
      const begin = () => {
        this.#last = next;
        this.#next = undefined;
        return this.#work();
      };
      const next = this.#last.then(begin, begin);
      this.#next = next;
    }
    return this.#next;
  }
}
