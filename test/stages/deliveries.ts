import type { Delivery } from '../../src/ports/message-source.ts';

/** The delivery of a message. */
export function deliveryOf<T>(message: T, parts: Partial<Delivery<T>> = {}): Delivery<T> {
  return { id: 'm1', receipt: 'm1/1', content: { ours: true, message }, receives: 1, sentAt: 0, ...parts };
}

/** The delivery of a text that nobody of ours wrote. */
export function unreadable(text = 'gibberish'): Delivery<never> {
  return { id: 'm9', receipt: 'm9/1', content: { ours: false, text, why: 'it is not JSON' }, receives: 1, sentAt: 0 };
}

/** What raises when it is called. */
export function raising(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** Chance that makes every wait as long as it can be. */
export const longest = { next: () => 1 };

export const nobody: AbortSignal = new AbortController().signal;
