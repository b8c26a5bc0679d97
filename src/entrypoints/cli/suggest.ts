import type { MailFlags } from './flags.ts';
import { commandLine, shortId } from './words.ts';

/** Command lines to go on with, with the flags that this one was called with. */
export class Suggestions {
  readonly #flags: MailFlags;

  constructor(flags: MailFlags) {
    this.#flags = flags;
  }

  /** A command that looks into the same database. */
  looking(...words: readonly string[]): string {
    const { world, db, stack } = this.#flags;
    return commandLine([
      'rollcall',
      ...words,
      ...(world === 'aws' ? ['--world', 'aws'] : []),
      ...(stack === undefined ? [] : ['--stack', stack]),
      ...(db === undefined ? [] : ['--db', db]),
    ]);
  }

  /** What is left goes on by this command; on AWS it goes on by itself. */
  carryingOn(importId: string): string {
    return this.#isOnAws ? this.#watching(importId) : `To carry on: ${this.working('work')}`;
  }

  /** So many welcomes are sent by this command; on AWS they are sent by themselves. */
  sendingOn(importId: string, count: number): string {
    return this.#isOnAws ? this.#watching(importId) : `To send ${count === 1 ? 'it' : 'them'}: ${this.sending('work')}`;
  }

  /** A command that sends what this one, told to send nothing, has left. */
  sending(...words: readonly string[]): string {
    const { mail, ...rest } = this.#flags;
    return new Suggestions(mail === undefined || mail === 'none' ? rest : this.#flags).working(...words);
  }

  /** A command that sends mail in the same way, too; on AWS that is the stack's affair. */
  working(...words: readonly string[]): string {
    const { mail, from, template } = this.#isOnAws ? {} : this.#flags;
    return this.looking(
      ...words,
      ...(mail === undefined ? [] : ['--mail', mail]),
      ...(from === undefined ? [] : ['--from', from]),
      ...(template === undefined ? [] : ['--template', template]),
    );
  }

  get #isOnAws(): boolean {
    return this.#flags.world === 'aws';
  }

  #watching(importId: string): string {
    return `It goes on on AWS. To see how far it is: ${this.looking('status', shortId(importId))}`;
  }
}
