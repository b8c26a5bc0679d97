/**
 * What SQS takes (Amazon SQS Developer Guide, "Message quotas" and "SendMessageBatch").
 */

/** Of a message with its attributes, and of all the messages of one request together. In bytes. */
export const mostBytes = 1_048_576;

/** Messages or receipts of one request. */
export const mostEntries = 10;

/** The longest delay of a message, in seconds. */
export const longestDelay = 900;

/** The longest wait of one request for messages, in seconds. */
export const longestWait = 20;

/** The longest invisibility, in seconds: counted from when the message was received. */
export const longestVisibility = 43_200;

/**
 * The longest that a received message can be let go of for, in seconds. Whoever lets go of it has had it for a while, longest for the 15 minutes of an
 * invocation, and a visibility that would end after the 12 hours is refused, not cut ("Amazon SQS visibility timeout").
 */
export const longestRelease = longestVisibility - 1_800;

/** Whether SQS takes the text as a message's body or attribute: it must not be empty, and hold characters of XML only (XML 1.0, 2.2). */
export function isSendable(text: string): boolean {
  return text !== '' && !refused.test(text);
}

/** A text that SQS takes: characters that it does not are replaced by U+FFFD. */
export function sendable(text: string): string {
  return text.replace(allRefused, '\ufffd');
}

/** Whole seconds that last at least as long, and not longer than `most`. */
export function seconds(ms: number, most: number): number {
  return Math.min(most, Math.max(0, Math.ceil(ms / 1_000)));
}

const refused = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const allRefused = new RegExp(refused, 'gu');
