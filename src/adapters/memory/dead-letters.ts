import type { DeadLetter, DeadLetterFilter, DeadLetters } from '../../ports/dead-letters.ts';
import type { QueueName } from '../../ports/vocabulary.ts';

/** Where redriven messages go: a queue that takes a text as it is. */
interface TextQueue {
  putText(text: string): void;
}

/** Dead letters in memory, kept as text. A redrive is one step: a letter is either here or back on its queue. */
export class MemoryDeadLetters implements DeadLetters {
  readonly #queues: Readonly<Record<QueueName, TextQueue>>;
  readonly #kept = new Map<string, string>();

  constructor(queues: Readonly<Record<QueueName, TextQueue>>) {
    this.#queues = queues;
  }

  async put(letters: readonly DeadLetter[]): Promise<void> {
    const texts = letters.map((letter) => [letter.id, JSON.stringify(letter)] as const);
    await Promise.resolve();
    for (const [id, text] of texts) this.#kept.set(id, text);
  }

  async list(filter: DeadLetterFilter, limit: number, after?: string): Promise<readonly DeadLetter[]> {
    await Promise.resolve();
    const letters = this.#select(filter).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    // A letter that is gone meanwhile leaves its page's place unknown: then the list starts anew rather than skip one.
    const start = letters.findIndex(({ id }) => id === after) + 1;
    return letters.slice(start, start + limit);
  }

  async count(filter: DeadLetterFilter): Promise<number> {
    await Promise.resolve();
    return this.#select(filter).length;
  }

  async redrive(ids: readonly string[]): Promise<number> {
    await Promise.resolve();
    let sent = 0;
    for (const id of ids) {
      const text = this.#kept.get(id);
      if (text === undefined) continue;
      const letter = JSON.parse(text) as DeadLetter;
      this.#queues[letter.queue].putText(letter.text);
      this.#kept.delete(id);
      sent += 1;
    }
    return sent;
  }

  #select({ queue, importId }: DeadLetterFilter): DeadLetter[] {
    return [...this.#kept.values()]
      .map((text) => JSON.parse(text) as DeadLetter)
      .filter((letter) => (queue === undefined || letter.queue === queue) && (importId === undefined || letter.importId === importId));
  }
}
