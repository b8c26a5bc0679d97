import type { IdempotencyKeys, KeptAnswer } from '../../ports/idempotency-keys.ts';
import type { Instant } from '../../ports/vocabulary.ts';

/** Answers in memory, kept as text. */
export class MemoryIdempotencyKeys implements IdempotencyKeys {
  readonly #kept = new Map<string, string>();

  async find(key: string, since: Instant): Promise<KeptAnswer | undefined> {
    await Promise.resolve();
    return this.#find(key, since);
  }

  async keep(key: string, answer: KeptAnswer, since: Instant): Promise<KeptAnswer> {
    const text = JSON.stringify(answer);
    await Promise.resolve();
    const kept = this.#find(key, since);
    if (kept) return kept;
    this.#kept.set(key, text);
    return JSON.parse(text) as KeptAnswer;
  }

  #find(key: string, since: Instant): KeptAnswer | undefined {
    const text = this.#kept.get(key);
    const answer = text === undefined ? undefined : (JSON.parse(text) as KeptAnswer);
    return answer && answer.at >= since ? answer : undefined;
  }
}
