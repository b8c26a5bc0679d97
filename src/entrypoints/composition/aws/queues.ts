import { SQSClient } from '@aws-sdk/client-sqs';
import { ContainerModule, type ServiceIdentifier } from 'inversify';
import { SqsDeadLetters } from '../../../adapters/sqs/dead-letters.ts';
import { SqsMessageQueue } from '../../../adapters/sqs/message-queue.ts';
import type { Codec } from '../../../ports/codec.ts';
import type { MessageQueue } from '../../../ports/message-queue.ts';
import type { MessageSource } from '../../../ports/message-source.ts';
import type { QueueName } from '../../../ports/vocabulary.ts';
import { tokens } from '../tokens.ts';
import { patience } from './patience.ts';

/** URLs by queue: those that are used. */
export interface QueueUrls {
  readonly queues: Readonly<Partial<Record<QueueName, string>>>;
  readonly deadLetters: Readonly<Partial<Record<QueueName, string>>>;
}

/** What a worker has received and not extended for this long comes again. In milliseconds. */
const visibilityMs = 120_000;

/** An empty queue of dead letters is listened to for so long, in seconds: any wait asks all of SQS's servers, and people wait for it. */
const listenSeconds = 1;

/**
 * Queues and dead letters of SQS; those without a URL are left out. What SQS says of a message's MD5 is not compared: TLS sees to it that
 * nothing is changed on the way, and a digest of every byte is a tenth of what process-csv works.
 */
export function queuesModule({ queues, deadLetters }: QueueUrls): ContainerModule {
  return new ContainerModule(({ bind }) => {
    const client = new SQSClient({ ...patience, md5: false });

    const bindQueue = <T>(
      url: string | undefined,
      codec: ServiceIdentifier<Codec<T>>,
      ends: { readonly queue: ServiceIdentifier<MessageQueue<T>>; readonly source: ServiceIdentifier<MessageSource<T>> },
    ): void => {
      if (url === undefined) return;
      const both = Symbol(url) as ServiceIdentifier<SqsMessageQueue<T>>;
      bind(both)
        .toResolvedValue((codec, clock) => new SqsMessageQueue(client, codec, clock, { url, visibilityMs }), [codec, tokens.clock])
        .inSingletonScope();
      bind(ends.queue).toService(both);
      bind(ends.source).toService(both);
    };
    bindQueue(queues.uploads, tokens.uploadCodec, { queue: tokens.uploadQueue, source: tokens.uploadSource });
    bindQueue(queues.records, tokens.recordsCodec, { queue: tokens.records, source: tokens.recordsSource });
    bindQueue(queues.welcomes, tokens.welcomeCodec, { queue: tokens.welcomes, source: tokens.welcomeSource });

    bind(tokens.releases)
      .toResolvedValue(
        (codec, clock) => (arn: string) => {
          const url = beside(Object.values({ ...queues, ...deadLetters })[0] ?? '', arn);
          return new SqsMessageQueue<unknown>(client, codec, clock, { url, visibilityMs });
        },
        [tokens.uploadCodec as ServiceIdentifier<Codec<unknown>>, tokens.clock],
      )
      .inSingletonScope();

    if (Object.keys(deadLetters).length === 0) return;
    bind(tokens.deadLetters)
      .toResolvedValue((clock) => new SqsDeadLetters(client, clock, { deadLetters, queues, listenSeconds }), [tokens.clock])
      .inSingletonScope();
  });
}

/** The URL of a queue of the same account and region as one whose URL is known: its last part is the queue's name. */
function beside(url: string, arn: string): string {
  return url.replace(/[^/]*$/, arn.slice(arn.lastIndexOf(':') + 1));
}
