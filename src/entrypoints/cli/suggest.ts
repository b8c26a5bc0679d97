import type { MailFlags } from './flags.ts';
import { commandLine } from './words.ts';

/** Command lines to go on with, with the flags that this one was called with. */
export class Suggestions {
  readonly #flags: MailFlags;

  constructor(flags: MailFlags) {
    this.#flags = flags;
  }

  /** A command that looks into the same database. */
  looking(...words: readonly string[]): string {
    const { db } = this.#flags;
    return commandLine(['rollcall', ...words, ...(db === undefined ? [] : ['--db', db])]);
  }

  /** A command that sends what this one, told to send nothing, has left. */
  sending(...words: readonly string[]): string {
    const { mail, ...rest } = this.#flags;
    return new Suggestions(mail === undefined || mail === 'none' ? rest : this.#flags).working(...words);
  }

  /** A command that sends mail in the same way, too. */
  working(...words: readonly string[]): string {
    const { mail, from, template } = this.#flags;
    return this.looking(
      ...words,
      ...(mail === undefined ? [] : ['--mail', mail]),
      ...(from === undefined ? [] : ['--from', from]),
      ...(template === undefined ? [] : ['--template', template]),
    );
  }
}
