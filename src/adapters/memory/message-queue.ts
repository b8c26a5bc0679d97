import type { Clock } from '../../ports/clock.ts';
import type { Codec } from '../../ports/codec.ts';
import type { MessageQueue, Outgoing, Unsent } from '../../ports/message-queue.ts';
import type { Delivery, MessageSource, QueueDepth } from '../../ports/message-source.ts';
import type { Instant, StopSignal } from '../../ports/vocabulary.ts';
import { Bell } from './bell.ts';

/** Both ends of a queue in memory. Keeps messages as text; gives out those that are ready in the order in which they were sent. */
export class MemoryQueue<T> implements MessageQueue<T>, MessageSource<T> {
  readonly visibilityMs: number;
  readonly #codec: Codec<T>;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #bell = new Bell();
  #sent = 0;

  constructor(codec: Codec<T>, clock: Clock, options: { readonly visibilityMs: number }) {
    this.#codec = codec;
    this.#clock = clock;
    this.visibilityMs = options.visibilityMs;
  }

  async send(messages: readonly Outgoing<T>[]): Promise<readonly Unsent[]> {
    const texts = messages.map(({ body, delayMs }) => ({ text: this.#codec.encode(body), delayMs }));
    await Promise.resolve();
    for (const { text, delayMs } of texts) this.putText(text, delayMs);
    return [];
  }

  async receive(limit: number, waitMs: number, signal?: StopSignal): Promise<readonly Delivery<T>[]> {
    await Promise.resolve();
    const until = this.#clock.now() + waitMs;
    for (;;) {
      const now = this.#clock.now();
      const deliveries = this.#take(limit, now);
      if (deliveries.length > 0 || now >= until || signal?.aborted === true) return deliveries;
      await this.#bell.wait(this.#clock, Math.min(until, this.#nextVisibleAt()) - now, signal);
    }
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    await Promise.resolve();
    for (const kept of this.#held(receipts)) this.#kept.delete(kept.id);
  }

  async release(receipts: readonly string[], delayMs: number): Promise<void> {
    await Promise.resolve();
    for (const kept of this.#held(receipts)) {
      delete kept.receipt;
      kept.visibleAt = this.#clock.now() + delayMs;
    }
    this.#bell.ring();
  }

  async extend(receipts: readonly string[]): Promise<void> {
    await Promise.resolve();
    for (const kept of this.#held(receipts)) kept.visibleAt = this.#clock.now() + this.visibilityMs;
  }

  async depth(): Promise<QueueDepth> {
    await Promise.resolve();
    const now = this.#clock.now();
    const invisible = [...this.#kept.values()].filter(({ visibleAt }) => visibleAt > now);
    const inFlight = invisible.filter(({ receipt }) => receipt !== undefined).length;
    return { ready: this.#kept.size - invisible.length, inFlight, delayed: invisible.length - inFlight };
  }

  /** Puts a text on the queue just as it is, at once: for redrives, and for tests with texts that no codec made. */
  putText(text: string, delayMs = 0): void {
    this.#sent += 1;
    const id = `message-${this.#sent}`;
    const now = this.#clock.now();
    this.#kept.set(id, { id, text, sentAt: now, visibleAt: now + delayMs, receives: 0 });
    this.#bell.ring();
  }

  /** The texts of all messages that are on the queue, visible or not. */
  texts(): readonly string[] {
    return [...this.#kept.values()].map(({ text }) => text);
  }

  #take(limit: number, now: Instant): Delivery<T>[] {
    const deliveries: Delivery<T>[] = [];
    for (const kept of this.#kept.values()) {
      if (deliveries.length >= limit) break;
      if (kept.visibleAt > now) continue;
      kept.receives += 1;
      kept.visibleAt = now + this.visibilityMs;
      kept.receipt = `${kept.id}/${kept.receives}`;
      const { id, receipt, receives, sentAt } = kept;
      deliveries.push({ id, receipt, content: this.#codec.decode(kept.text), receives, sentAt });
    }
    return deliveries;
  }

  /** The messages that these receipts hold still. */
  #held(receipts: readonly string[]): Kept[] {
    const now = this.#clock.now();
    return receipts.flatMap((receipt) => {
      const kept = this.#kept.get(receipt.slice(0, receipt.indexOf('/')));
      return kept !== undefined && kept.receipt === receipt && kept.visibleAt > now ? [kept] : [];
    });
  }

  #nextVisibleAt(): Instant {
    let next = Infinity;
    for (const { visibleAt } of this.#kept.values()) next = Math.min(next, visibleAt);
    return next;
  }
}

interface Kept {
  readonly id: string;
  readonly text: string;
  readonly sentAt: Instant;
  visibleAt: Instant;
  receives: number;
  /** Of the latest delivery; absent before the first and after a release. */
  receipt?: string;
}
