import type { Clock } from '../../ports/clock.ts';
import type { Codec } from '../../ports/codec.ts';
import { QueueUnavailable, type MessageQueue, type Outgoing, type Unsent } from '../../ports/message-queue.ts';
import type { Delivery, MessageSource, QueueDepth } from '../../ports/message-source.ts';
import type { QueueName, StopSignal } from '../../ports/vocabulary.ts';
import type { Bell } from './bell.ts';
import type { SqliteDatabase } from './database.ts';
import { raising } from './errors.ts';

export interface QueueOptions {
  readonly visibilityMs: number;
  /** How often to look for what other processes sent, in milliseconds. */
  readonly lookMs: number;
  /** `send` waits while the queue holds this many messages: so backpressure reaches a sender that shares the process. */
  readonly capacity?: number;
  /** A message that was sent survives a power cut. */
  readonly synced?: boolean;
}

/** Both ends of a queue in the table `messages`. */
export class SqliteMessageQueue<T> implements MessageQueue<T>, MessageSource<T> {
  readonly visibilityMs: number;
  readonly #db: SqliteDatabase;
  readonly #name: QueueName;
  readonly #codec: Codec<T>;
  readonly #clock: Clock;
  readonly #changed: Bell;
  readonly #options: QueueOptions;

  /** @param changed rung when a message arrives or leaves */
  constructor(db: SqliteDatabase, name: QueueName, codec: Codec<T>, clock: Clock, changed: Bell, options: QueueOptions) {
    this.#db = db;
    this.#name = name;
    this.#codec = codec;
    this.#clock = clock;
    this.#changed = changed;
    this.#options = options;
    this.visibilityMs = options.visibilityMs;
  }

  async send(messages: readonly Outgoing<T>[]): Promise<readonly Unsent[]> {
    const { capacity = Infinity, synced = false, lookMs } = this.#options;
    if (capacity < Infinity)
      await this.#changed.await(
        this.#clock,
        () => this.#size(),
        (size) => size < capacity,
        Infinity,
        lookMs,
      );
    this.#run(() => {
      const now = this.#clock.now();
      const insert = this.#db.statement('INSERT INTO messages (queue, visible_at, sent_at, text) VALUES (?, ?, ?, ?)');
      for (const { body, delayMs = 0 } of messages) insert.run(this.#name, now + delayMs, now, this.#codec.encode(body));
    });
    if (synced) await this.#db.sync();
    this.#changed.ring();
    return [];
  }

  receive(limit: number, waitMs: number, signal?: StopSignal): Promise<readonly Delivery<T>[]> {
    return this.#changed.await(
      this.#clock,
      () => this.#take(limit),
      (taken) => taken.length > 0,
      waitMs,
      this.#options.lookMs,
      signal,
    );
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    this.#each(receipts, `DELETE FROM messages ${whoseTimeIsNotOver}`);
    this.#changed.ring();
  }

  async release(receipts: readonly string[], delayMs: number): Promise<void> {
    this.#each(receipts, `UPDATE messages SET visible_at = @visibleAt, taken = 0 ${whoseTimeIsNotOver}`, this.#clock.now() + delayMs);
    this.#changed.ring();
  }

  async extend(receipts: readonly string[]): Promise<void> {
    this.#each(receipts, `UPDATE messages SET visible_at = @visibleAt ${whoseTimeIsNotOver}`, this.#clock.now() + this.visibilityMs);
  }

  async depth(): Promise<QueueDepth> {
    const count = this.#db.statement(
      `SELECT coalesce(sum(visible_at <= @now), 0) AS ready, coalesce(sum(visible_at > @now AND taken = 1), 0) AS inFlight,
              coalesce(sum(visible_at > @now AND taken = 0), 0) AS delayed
       FROM messages WHERE queue = @queue`,
    );
    return this.#raising(() => count.get({ now: this.#clock.now(), queue: this.#name }) as QueueDepth);
  }

  #size(): number {
    return this.#raising(() => this.#db.statement('SELECT count(*) FROM messages WHERE queue = ?').pluck().get(this.#name) as number);
  }

  #take(limit: number): readonly Delivery<T>[] {
    const now = this.#clock.now();
    this.#raising(() => this.#db.noteTime(now));
    // Looking costs no write lock; only taking does.
    const some = this.#db.statement('SELECT 1 FROM messages WHERE queue = ? AND visible_at <= ? LIMIT 1');
    if (this.#raising(() => some.get(this.#name, now)) === undefined) return [];
    const select = this.#db.statement(
      'SELECT id, receives, sent_at, text FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?',
    );
    const take = this.#db.statement('UPDATE messages SET visible_at = ?, taken = 1, receives = receives + 1 WHERE id = ?');
    const rows = this.#run(() => {
      const rows = select.all(this.#name, now, limit) as MessageRow[];
      for (const { id } of rows) take.run(now + this.visibilityMs, id);
      return rows;
    });
    return rows.map((row) => ({
      id: String(row.id),
      receipt: `${row.id}:${row.receives + 1}`,
      content: this.#codec.decode(row.text),
      receives: row.receives + 1,
      sentAt: row.sent_at,
    }));
  }

  #each(receipts: readonly string[], sql: string, visibleAt?: number): void {
    const statement = this.#db.statement(sql);
    this.#run(() => {
      for (const receipt of receipts) {
        const [id, receives] = receipt.split(':');
        statement.run({ id: Number(id), receives: Number(receives), now: this.#clock.now(), visibleAt });
      }
    });
  }

  #run<R>(work: () => R): R {
    return this.#raising(() => this.#db.transaction(work));
  }

  #raising<R>(work: () => R): R {
    return raising(QueueUnavailable, this.#db.file, work);
  }
}

const whoseTimeIsNotOver = 'WHERE id = @id AND receives = @receives AND taken = 1 AND visible_at > @now';

interface MessageRow {
  readonly id: number;
  readonly receives: number;
  readonly sent_at: number;
  readonly text: string;
}
