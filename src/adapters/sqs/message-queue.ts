import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../ports/clock.ts';
import type { Codec } from '../../ports/codec.ts';
import type { MessageQueue, Outgoing, Unsent } from '../../ports/message-queue.ts';
import type { Delivery, MessageSource, QueueDepth } from '../../ports/message-source.ts';
import type { StopSignal } from '../../ports/vocabulary.ts';
import { concurrently } from './concurrently.ts';
import { longestDelay, longestRelease, longestVisibility, longestWait, mostEntries, seconds } from './limits.ts';
import { SqsQueue } from './queue.ts';

export interface SqsMessageQueueOptions {
  readonly url: string;
  /** In milliseconds; counted in whole seconds, up to 12 hours. Used with every message that is received, whatever the queue's own setting is. */
  readonly visibilityMs: number;
}

/** Requests of one `receive` that are under way at once. */
const width = 5;

/**
 * Both ends of a standard queue of Amazon SQS.
 *
 * All times are whole seconds, rounded up. A message waits 15 minutes at most before it is seen, and a released one for
 * 11½ hours: a longer wait is cut, and its message comes early, which is one of the things that may happen to any message.
 *
 * The client should have a request time-out of more than the 20 seconds of a long poll, and more sockets than calls at once. It may try
 * again by itself: a send that is repeated may double a message, which may happen anyway.
 * Needs sqs:SendMessage to send; sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility to receive; sqs:GetQueueAttributes for the depth.
 */
export class SqsMessageQueue<T> implements MessageQueue<T>, MessageSource<T> {
  readonly visibilityMs: number;
  readonly #queue: SqsQueue;
  readonly #codec: Codec<T>;
  readonly #clock: Clock;

  constructor(client: SQSClient, codec: Codec<T>, clock: Clock, { url, visibilityMs }: SqsMessageQueueOptions) {
    this.#queue = new SqsQueue(client, url, clock);
    this.#codec = codec;
    this.#clock = clock;
    this.visibilityMs = seconds(visibilityMs, longestVisibility) * 1_000;
  }

  async send(messages: readonly Outgoing<T>[]): Promise<readonly Unsent[]> {
    return this.#queue.send(
      messages.map(({ body, delayMs = 0 }) => ({ text: this.#codec.encode(body), delaySeconds: seconds(delayMs, longestDelay) })),
    );
  }

  async receive(limit: number, waitMs: number, signal?: StopSignal): Promise<readonly Delivery<T>[]> {
    const until = this.#clock.now() + waitMs;
    for (let left = waitMs; signal?.aborted !== true; left = until - this.#clock.now()) {
      const first = await this.#take(limit, seconds(left, longestWait), signal);
      if (first.length === mostEntries && limit > mostEntries) return this.#withMore(first, limit - mostEntries);
      // An answer may be empty before its time, as when another one came first: then the rest of it is waited for.
      if (first.length > 0 || this.#clock.now() >= until) return first;
    }
    return [];
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    await this.#queue.delete(receipts);
  }

  async release(receipts: readonly string[], delayMs: number): Promise<void> {
    await this.#queue.changeVisibility(receipts, seconds(delayMs, longestRelease));
  }

  async extend(receipts: readonly string[]): Promise<void> {
    await this.#queue.changeVisibility(receipts, this.visibilityMs / 1_000);
  }

  depth(): Promise<QueueDepth> {
    return this.#queue.depth();
  }

  /** Where one request came back full there is more: the others need not wait for it. */
  async #withMore(first: readonly Delivery<T>[], more: number): Promise<readonly Delivery<T>[]> {
    const looks = Array.from({ length: Math.ceil(more / mostEntries) }, (_, n) => Math.min(mostEntries, more - n * mostEntries));
    // What was received must not be lost for an error of the next request: whoever calls again meets it.
    const others = await concurrently(looks, width, (most) => this.#take(most, 0).catch(() => []));
    return [...first, ...others.flat()];
  }

  async #take(most: number, waitSeconds: number, signal?: StopSignal): Promise<readonly Delivery<T>[]> {
    const messages = await this.#queue.receive({ most, visibilitySeconds: this.visibilityMs / 1_000, waitSeconds }, signal);
    return messages.map((message) => this.#deliveryOf(message));
  }

  #deliveryOf({ MessageId: id = '', ReceiptHandle: receipt = '', Body: text = '', Attributes: told = {} }: Message): Delivery<T> {
    const receives = Number(told.ApproximateReceiveCount ?? 1);
    return { id, receipt, content: this.#codec.decode(text), receives, sentAt: Number(told.SentTimestamp ?? this.#clock.now()) };
  }
}
