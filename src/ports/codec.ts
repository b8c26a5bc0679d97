/** A message as text, and back. */
export interface Codec<T> {
  encode(message: T): string;
  /** What the text says, or why it is not one of ours. Never throws for any text. */
  decode(text: string): Decoded<T>;
}

/** A message, or a text that is not one of ours and why. */
export type Decoded<T> =
  { readonly ours: true; readonly message: T } | { readonly ours: false; readonly text: string; readonly why: string };
