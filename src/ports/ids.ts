/** Names for things. */
export interface Ids {
  /** A name never given before. */
  fresh(): string;
  /** The same name for the same parts, and a different one for different parts: 32 hexadecimal digits of a SHA-256. */
  derived(...parts: readonly string[]): string;
}
