/** A promise was broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** The promise, as `laws.ts` names it. */
  readonly law: string;

  constructor(law: string, what: string) {
    super(`${law}: ${what}`);
    this.law = law;
  }
}
