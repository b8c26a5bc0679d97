import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../ports/clock.ts';
import type { DeadLetter, DeadLetterFilter, DeadLetters } from '../../ports/dead-letters.ts';
import { QueueUnavailable, type Unsent } from '../../ports/message-queue.ts';
import type { Instant, QueueName } from '../../ports/vocabulary.ts';
import { concurrently } from './concurrently.ts';
import { entryOf, letterOf, type KeptLetter } from './letter.ts';
import { mostEntries } from './limits.ts';
import { NewestLetters } from './newest-letters.ts';
import { SqsQueue } from './queue.ts';

export interface SqsDeadLettersOptions {
  /** The dead-letter queues' URLs; one alone where only `put` to it is used. */
  readonly deadLetters: Readonly<Partial<Record<QueueName, string>>>;
  /** The URLs of the queues that letters go back to; needed for `redrive` alone. */
  readonly queues: Readonly<Partial<Record<QueueName, string>>>;
  /**
   * How long an empty queue is listened to before it counts as empty, in seconds: a request that waits asks all of SQS's servers,
   * one that does not only some of them (Developer Guide, "Short and long polling").
   */
  readonly listenSeconds: number;
}

/**
 * Dead letters in the dead-letter queues of Amazon SQS, beside the messages that SQS itself moved there.
 *
 * A queue cannot be looked at, only received from: `list` and `count` receive all that there is, keep it invisible for a minute at
 * most, and let it go again. So what another process looks at just then is not seen, and no more than 100,000 letters a queue
 * are. A letter that replaces another lies beside it; the newest is shown, and a redrive removes both.
 *
 * Needs sqs:SendMessage on the dead-letter queues to put; sqs:ReceiveMessage and sqs:ChangeMessageVisibility on them to look; to redrive,
 * sqs:DeleteMessage on them too, and sqs:SendMessage on the queues.
 */
export class SqsDeadLetters implements DeadLetters {
  readonly #client: SQSClient;
  readonly #clock: Clock;
  readonly #options: SqsDeadLettersOptions;
  /** The end of the last page that was listed: there the next one begins. */
  #end: { readonly id: string; readonly at: Instant } | undefined;
  /** Looks follow each other: two at once would hide letters from one another. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(client: SQSClient, clock: Clock, options: SqsDeadLettersOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#options = options;
  }

  async put(letters: readonly DeadLetter[]): Promise<void> {
    const newest = [...new Map(letters.map((letter) => [letter.id, letter])).values()];
    for (const name of queueNames) {
      const kept = newest.filter(({ queue }) => queue === name);
      if (kept.length === 0) continue;
      const unsent = await this.#deadLetterQueue(name).sendAll(kept.map(entryOf));
      const [first] = unsent;
      if (first) throw notSent(`${unsent.length} of ${kept.length} dead letters of the ${name} queue could not be kept`, first.cause);
    }
  }

  async list(filter: DeadLetterFilter, limit: number, after?: string): Promise<readonly DeadLetter[]> {
    const from = after === undefined ? undefined : await this.#placeOf(after);
    const newest = new NewestLetters(filter, limit, from);
    await this.#look(filter, (found) => newest.add(found));
    const page = newest.page();
    this.#end = page.at(-1);
    return page;
  }

  async count(filter: DeadLetterFilter): Promise<number> {
    const newest = new NewestLetters(filter, 0);
    await this.#look(filter, (found) => newest.add(found));
    return newest.count();
  }

  async redrive(ids: readonly string[]): Promise<number> {
    const wanted = new Set(ids);
    if (wanted.size === 0) return 0;
    const taken = new Set<string>();
    const failures: Unsent[] = [];
    await this.#look({}, async (found, held, queue) => {
      const copies = found.filter(({ letter }) => wanted.has(letter.id));
      const first = copies.filter(({ letter: { id } }) => !taken.has(id) && taken.add(id));
      // Sent first and deleted then: whoever dies in between leaves a letter whose message comes twice, and loses none.
      const unsent = first.length === 0 ? [] : await this.#queue(queue).sendAll(first.map(({ letter: { text } }) => ({ text })));
      const staying = new Set(unsent.map(({ index }) => first[index]?.letter.id));
      const gone = copies.filter(({ letter }) => !staying.has(letter.id)).map(({ receipt }) => receipt);
      await this.#deadLetterQueue(queue).delete(gone);
      for (const receipt of gone) held.delete(receipt);
      failures.push(...unsent);
    });
    const sent = taken.size - failures.length;
    if (failures[0]) throw notSent(`${failures.length} dead letters could not be sent back and stay, ${sent} were sent`, failures[0].cause);
    return sent;
  }

  /** Where the letter is in the order of the list; nothing where it is gone: then the list starts anew rather than skip one. */
  async #placeOf(id: string): Promise<{ readonly id: string; readonly at: Instant } | undefined> {
    if (this.#end?.id === id) return this.#end;
    let at: Instant | undefined;
    await this.#look({}, (found) => {
      for (const { letter } of found) if (letter.id === id) at = Math.max(letter.at, at ?? 0);
    });
    return at === undefined ? undefined : { id, at };
  }

  /** Shows all letters of the queues that the filter names, some at a time. What is in `held` when all are seen is let go again. */
  async #look(
    filter: DeadLetterFilter,
    see: (found: readonly KeptLetter[], held: Set<string>, queue: QueueName) => void | Promise<void>,
  ): Promise<void> {
    const names = queueNames.filter((name) => this.#options.deadLetters[name] !== undefined && (filter.queue ?? name) === name);
    const before = this.#turn;
    const mine = before.then(async () => {
      await concurrently(names, names.length, (name) => this.#lookInto(name, see));
    });
    this.#turn = mine.catch(() => undefined); // Whoever asked for it is told; the next look is another matter.
    await mine;
  }

  async #lookInto(
    name: QueueName,
    see: (found: readonly KeptLetter[], held: Set<string>, queue: QueueName) => void | Promise<void>,
  ): Promise<void> {
    const queue = this.#deadLetterQueue(name);
    const held = new Set<string>();
    let seen = 0;
    const next = async (): Promise<number> => {
      const waitSeconds = this.#options.listenSeconds;
      const messages = await queue.receive({ most: mostEntries, visibilitySeconds, waitSeconds });
      const found = messages.map((message) => letterOf(name, message));
      for (const { receipt } of found) held.add(receipt);
      seen += found.length;
      if (found.length > 0) await see(found, held, name);
      return found.length;
    };
    const lane = async (): Promise<void> => {
      while (seen < mostSeen && (await next()) > 0);
    };
    try {
      if ((await next()) > 0) await Promise.all(Array.from({ length: lanes }, lane));
    } finally {
      await queue.changeVisibility([...held], 0);
    }
  }

  #deadLetterQueue(name: QueueName): SqsQueue {
    return this.#named(this.#options.deadLetters, name, `dead letters of the ${name} queue`);
  }

  #queue(name: QueueName): SqsQueue {
    return this.#named(this.#options.queues, name, `messages of the ${name} queue`);
  }

  #named(urls: Readonly<Partial<Record<QueueName, string>>>, name: QueueName, what: string): SqsQueue {
    const url = urls[name];
    if (url === undefined) throw new QueueUnavailable(`This process was not told where ${what} go.`, { hint: 'Give it the queue’s URL.' });
    return new SqsQueue(this.#client, url, this.#clock);
  }
}

const queueNames: readonly QueueName[] = ['uploads', 'records', 'welcomes'];

/** How long a letter that is looked at is invisible to others, unless it is let go before. */
const visibilitySeconds = 60;

/** Requests under way at once while a queue is looked at. */
const lanes = 4;

/** SQS gives out no more than 120,000 messages of a queue at once. */
const mostSeen = 100_000;

function notSent(what: string, cause: string): QueueUnavailable {
  return new QueueUnavailable(`${what}: ${cause}`, { hint: 'Mend what SQS complains of, and try again.' });
}
