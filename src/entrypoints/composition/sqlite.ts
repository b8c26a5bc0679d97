import { ContainerModule, type ServiceIdentifier } from 'inversify';
import { Bell } from '../../adapters/sqlite/bell.ts';
import type { SqliteDatabase } from '../../adapters/sqlite/database.ts';
import { SqliteDeadLetters } from '../../adapters/sqlite/dead-letters.ts';
import { SqliteIdempotencyKeys } from '../../adapters/sqlite/idempotency-keys.ts';
import { SqliteImportLedger } from '../../adapters/sqlite/import-ledger.ts';
import { SqliteMessageQueue, type QueueOptions } from '../../adapters/sqlite/message-queue.ts';
import { SqliteUserDirectory } from '../../adapters/sqlite/user-directory.ts';
import { SqliteUserFeed } from '../../adapters/sqlite/user-feed.ts';
import { SqliteWelcomeLedger } from '../../adapters/sqlite/welcome-ledger.ts';
import { textCodec } from '../../adapters/thread/message-queue.ts';
import type { Codec } from '../../ports/codec.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { MessageSource } from '../../ports/message-source.ts';
import type { QueueName } from '../../ports/vocabulary.ts';
import { tokens } from './tokens.ts';

/** A message that nobody said anything about for this long comes again. In milliseconds. */
const visibilityMs = 30_000;

/** How often one worker looks for what another one left, in milliseconds. */
const lookMs = 100;

/** How many batches may lie on the records queue before the reader waits. */
const recordsCapacity = 64;

/** Everything durable, in one SQLite database. */
export function sqliteModule(db: SqliteDatabase): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const changed = new Bell();
    const fed = new Bell();

    const bindQueue = <T>(
      name: QueueName,
      codec: ServiceIdentifier<Codec<T>>,
      ends: { readonly queue: ServiceIdentifier<MessageQueue<T>>; readonly source: ServiceIdentifier<MessageSource<T>> },
      options: Partial<QueueOptions> = {},
    ): void => {
      const both = Symbol(name) as ServiceIdentifier<SqliteMessageQueue<T>>;
      bind(both)
        .toResolvedValue(
          (codec, clock) => new SqliteMessageQueue(db, name, codec, clock, changed, { visibilityMs, lookMs, ...options }),
          [codec, tokens.clock],
        )
        .inSingletonScope();
      bind(ends.queue).toService(both);
      bind(ends.source).toService(both);
    };
    bindQueue('uploads', tokens.uploadCodec, { queue: tokens.uploadQueue, source: tokens.uploadSource }, { synced: true });
    bindQueue('records', tokens.recordsCodec, { queue: tokens.records, source: tokens.recordsSource }, { capacity: recordsCapacity });
    bindQueue('welcomes', tokens.welcomeCodec, { queue: tokens.welcomes, source: tokens.welcomeSource });

    bind(tokens.recordTexts)
      .toResolvedValue(
        (clock) => new SqliteMessageQueue(db, 'records', textCodec, clock, changed, { visibilityMs, lookMs, capacity: recordsCapacity }),
        [tokens.clock],
      )
      .inSingletonScope();

    bind(tokens.acceptedRecords)
      .toResolvedValue(
        (codec, clock) => new SqliteMessageQueue(db, 'records', codec, clock, changed, { visibilityMs, lookMs, synced: true }),
        [tokens.recordsCodec, tokens.clock],
      )
      .inSingletonScope();
    bind(tokens.keys)
      .toResolvedValue(() => new SqliteIdempotencyKeys(db))
      .inSingletonScope();

    bind(tokens.deadLetters)
      .toResolvedValue((clock) => new SqliteDeadLetters(db, clock, changed), [tokens.clock])
      .inSingletonScope();
    bind(tokens.users)
      .toResolvedValue(() => new SqliteUserDirectory(db, fed))
      .inSingletonScope();
    bind(tokens.feed)
      .toResolvedValue(
        (clock, ids) => new SqliteUserFeed(db, clock, ids, fed, { leaseMs: visibilityMs, lookMs }),
        [tokens.clock, tokens.ids],
      )
      .inSingletonScope();
    bind(tokens.imports)
      .toResolvedValue(() => new SqliteImportLedger(db))
      .inSingletonScope();
    bind(tokens.welcomeLedger)
      .toResolvedValue(() => new SqliteWelcomeLedger(db))
      .inSingletonScope();
  });
}
