import { DeleteMessageBatchCommand, ReceiveMessageCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { Invocation } from './lambda.ts';
import { Mapping, type Invocable } from './mapping.ts';

export interface QueueMappingSettings {
  readonly client: SQSClient;
  readonly url: string;
  readonly function: Invocable;
  readonly batchSize: number;
  /** How long it waits for more where a batch is not full, in whole seconds. */
  readonly windowSeconds: number;
  /** The maximum concurrency. */
  readonly concurrency: number;
}

/**
 * A stand-in for Lambda's event source mapping of a queue (Lambda Developer Guide, "Using Lambda with Amazon SQS"): receives messages,
 * gathers them to batches, calls the function with each, and deletes what succeeded. With `ReportBatchItemFailures`: what the function
 * names is left to come again when its visibility ends, and so is all of a batch that failed or was answered without sense.
 */
export class QueueMapping extends Mapping {
  readonly #settings: QueueMappingSettings;
  readonly #received = new Set<Promise<void>>();

  constructor(settings: QueueMappingSettings) {
    super();
    this.#settings = settings;
  }

  /** Batches that the function has at this moment. */
  get underWay(): number {
    return this.#received.size;
  }

  protected async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (this.#received.size >= this.#settings.concurrency) await Promise.race(this.#received);
      const messages = await this.#gather(stop);
      if (messages.length === 0) continue;
      const handled: Promise<void> = this.#handle(messages).finally(() => this.#received.delete(handled));
      this.#received.add(handled);
    }
    await Promise.all(this.#received);
  }

  async #gather(stop: AbortSignal): Promise<readonly Message[]> {
    const { batchSize, windowSeconds } = this.#settings;
    const messages = [...(await this.#receive(batchSize, longestWait, stop))];
    const until = Date.now() + windowSeconds * 1000;
    while (messages.length > 0 && messages.length < batchSize && bytesOf(messages) < mostBytes && !stop.aborted) {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left <= 0) break;
      messages.push(...(await this.#receive(batchSize - messages.length, left, stop)));
    }
    return messages;
  }

  async #receive(most: number, waitSeconds: number, stop: AbortSignal): Promise<readonly Message[]> {
    const { client, url } = this.#settings;
    const request = new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: Math.min(mostAtOnce, most),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    try {
      return (await client.send(request, { abortSignal: stop })).Messages ?? [];
    } catch (error) {
      if (stop.aborted) return [];
      throw error;
    }
  }

  async #handle(messages: readonly Message[]): Promise<void> {
    const { client, url } = this.#settings;
    const invocation = await this.#settings.function.invoke({ Records: messages.map((message) => recordOf(message, url)) });
    const failed = failedOf(invocation, messages);
    const done = messages.filter(({ MessageId: id = '' }) => !failed.has(id));
    for (let i = 0; i < done.length; i += mostAtOnce) {
      const Entries = done.slice(i, i + mostAtOnce).map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
    }
  }
}

/** Of a receive and of a delete, and how long one look waits. */
const mostAtOnce = 10;
const longestWait = 20;
/** The payload of an invocation. */
const mostBytes = 6_000_000;

function bytesOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { Body = '' }) => sum + Buffer.byteLength(Body), 0);
}

/** A record of the event (Lambda Developer Guide, "Example standard queue message event"). */
function recordOf({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes = {}, MD5OfBody }: Message, url: string): object {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue, DataType }]) => [
        name,
        { stringValue: StringValue, dataType: DataType },
      ]),
    ),
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:eu-central-1:000000000000:${url.slice(url.lastIndexOf('/') + 1)}`,
    awsRegion: 'eu-central-1',
  };
}

/** The ids of the messages that are to come again: all of them where the answer makes no sense. */
function failedOf(invocation: Invocation, messages: readonly Message[]): ReadonlySet<string> {
  const all = new Set(messages.map(({ MessageId: id = '' }) => id));
  if ('error' in invocation) return all;
  const { batchItemFailures: failures = [] } = (invocation.answer ?? {}) as { readonly batchItemFailures?: readonly unknown[] | null };
  if (failures === null) return new Set();
  const named = failures.map((failure) => (failure as { readonly itemIdentifier?: unknown } | null)?.itemIdentifier);
  return named.every((id): id is string => typeof id === 'string' && all.has(id)) ? new Set(named) : all;
}
