import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type BatchResultErrorEntry,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../../ports/clock.ts';
import { QueueUnavailable, type Unsent } from '../../ports/message-queue.ts';
import type { QueueDepth } from '../../ports/message-source.ts';
import type { StopSignal } from '../../ports/vocabulary.ts';
import { concurrently } from './concurrently.ts';
import { asFact, isAnswered } from './failure.ts';
import { isSendable, mostBytes, mostEntries } from './limits.ts';
import { pack, sizeOf, type Packet, type SqsEntry } from './packing.ts';

/** Requests of one call that are under way at once. */
const width = 8;

/** How often what SQS names as failed is asked for again, and after how long at first. */
const tries = 5;
const waitMs = 100;

export interface Look {
  readonly most: number;
  readonly visibilitySeconds: number;
  readonly waitSeconds: number;
}

/** One queue of SQS: its requests, in batches. Raises QueueUnavailable. */
export class SqsQueue {
  readonly url: string;
  readonly #client: SQSClient;
  readonly #clock: Clock;

  constructor(client: SQSClient, url: string, clock: Clock) {
    this.#client = client;
    this.url = url;
    this.#clock = clock;
  }

  /** Sends the messages, and names those that were not. Raises where none was sent, or where it cannot be told. */
  async send(entries: readonly SqsEntry[]): Promise<readonly Unsent[]> {
    const sizes = entries.map(sizeOf);
    const unsendable = entries.flatMap((entry, index) => unsendableFor(entry, index, sizes[index] ?? 0));
    const left = new Set(unsendable.map(({ index }) => index));
    const packets = pack(sizes.map((size, index) => (left.has(index) ? Infinity : size)));
    const outcomes = await concurrently(packets, width, async (packet): Promise<Outcome> => {
      try {
        return { unsent: await this.#sendPacket(entries, packet) };
      } catch (error) {
        return { packet, error };
      }
    });
    const failed = outcomes.filter((outcome) => 'error' in outcome);
    const unclear = failed.find(({ error }) => !isAnswered(error)) ?? (failed.length === outcomes.length ? failed[0] : undefined);
    if (unclear) throw asFact(unclear.error, this.url, 'sqs:SendMessage');
    return [
      ...unsendable,
      ...outcomes.flatMap((outcome) => ('error' in outcome ? allOf(outcome.packet, outcome.error) : outcome.unsent)),
    ].sort((a, b) => a.index - b.index);
  }

  /** Sends the messages, those again that can be sent later; answers what could not be sent at all. */
  async sendAll(entries: readonly SqsEntry[]): Promise<readonly Unsent[]> {
    const refused: Unsent[] = [];
    let left = entries.map((entry, index) => ({ entry, index }));
    for (let attempt = 1; left.length > 0; attempt++) {
      const unsent = await this.send(left.map(({ entry }) => entry));
      const again: typeof left = [];
      for (const failure of unsent) {
        const at = left[failure.index];
        if (!at) continue;
        if (failure.retryable && attempt < tries) again.push(at);
        else refused.push({ ...failure, index: at.index });
      }
      left = again;
      if (left.length > 0) await this.#clock.sleep(waitMs * 2 ** (attempt - 1));
    }
    return refused;
  }

  /** Up to ten messages; none where the wait is aborted. */
  async receive(look: Look, signal?: StopSignal): Promise<readonly Message[]> {
    const cut = new AbortController();
    const abort = (): void => cut.abort();
    signal?.addEventListener('abort', abort, { once: true });
    const request = new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: Math.min(mostEntries, look.most),
      VisibilityTimeout: look.visibilitySeconds,
      WaitTimeSeconds: look.waitSeconds,
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
      MessageAttributeNames: ['All'],
    });
    try {
      return (await this.#client.send(request, { abortSignal: cut.signal })).Messages ?? [];
    } catch (error) {
      if (cut.signal.aborted) return [];
      throw asFact(error, this.url, 'sqs:ReceiveMessage');
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Receipts that are good for nothing any more are ignored. */
  async delete(receipts: readonly string[]): Promise<void> {
    await this.#each(receipts, 'sqs:DeleteMessage', (batch) =>
      this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: this.url, Entries: batch.map(asEntry) })),
    );
  }

  /** Keeps the messages invisible for so long from now on. Receipts that are good for nothing any more are ignored. */
  async changeVisibility(receipts: readonly string[], visibilitySeconds: number): Promise<void> {
    await this.#each(receipts, 'sqs:ChangeMessageVisibility', (batch) => {
      const entries = batch.map((receipt, index) => ({ ...asEntry(receipt, index), VisibilityTimeout: visibilitySeconds }));
      return this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.url, Entries: entries }));
    });
  }

  async depth(): Promise<QueueDepth> {
    const ready = 'ApproximateNumberOfMessages';
    const inFlight = 'ApproximateNumberOfMessagesNotVisible';
    const delayed = 'ApproximateNumberOfMessagesDelayed';
    const request = new GetQueueAttributesCommand({ QueueUrl: this.url, AttributeNames: [ready, inFlight, delayed] });
    try {
      const { Attributes: told = {} } = await this.#client.send(request);
      return { ready: Number(told[ready] ?? 0), inFlight: Number(told[inFlight] ?? 0), delayed: Number(told[delayed] ?? 0) };
    } catch (error) {
      throw asFact(error, this.url, 'sqs:GetQueueAttributes');
    }
  }

  async #sendPacket(entries: readonly SqsEntry[], packet: Packet): Promise<readonly Unsent[]> {
    const request = new SendMessageBatchCommand({
      QueueUrl: this.url,
      Entries: packet.map((index) => {
        const { text = '', delaySeconds = 0, attributes } = entries[index] ?? {};
        return { Id: String(index), MessageBody: text, DelaySeconds: delaySeconds, ...(attributes && { MessageAttributes: attributes }) };
      }),
    });
    const { Successful = [], Failed = [] } = await this.#client.send(request);
    const sent = new Set(Successful.map(({ Id }) => Id));
    const failures = new Map(Failed.map((failure) => [failure.Id, failure]));
    return packet
      .filter((index) => !sent.has(String(index)))
      .map((index) => {
        const failure = failures.get(String(index));
        return { index, cause: failure ? causeOf(failure) : 'SQS did not say that it took it.', retryable: failure?.SenderFault !== true };
      });
  }

  async #each(
    receipts: readonly string[],
    permission: string,
    call: (batch: readonly string[]) => Promise<{ readonly Failed?: BatchResultErrorEntry[] | undefined }>,
  ): Promise<void> {
    const batches = Array.from({ length: Math.ceil(receipts.length / mostEntries) }, (_, n) =>
      receipts.slice(n * mostEntries, (n + 1) * mostEntries),
    );
    await concurrently(batches, width, async (batch) => {
      let left = batch;
      for (let attempt = 1; left.length > 0; attempt++) {
        const { Failed = [] } = await call(left).catch((error: unknown) => {
          throw asFact(error, this.url, permission);
        });
        const failed = Failed.filter(({ Code = '' }) => !spentReceipt.test(Code));
        const [first] = failed;
        if (!first) return;
        if (attempt === tries) {
          throw new QueueUnavailable(`The queue ${this.url} failed with ${failed.length} of ${batch.length} messages: ${causeOf(first)}`, {
            hint: `Their messages come again. If it stays so, see that ${permission} is allowed, and what SQS says.`,
          });
        }
        left = failed.flatMap(({ Id }) => left[Number(Id)] ?? []);
        await this.#clock.sleep(waitMs * 2 ** (attempt - 1));
      }
    });
  }
}

/** What came of one request of a send. */
type Outcome = { readonly unsent: readonly Unsent[] } | { readonly packet: Packet; readonly error: unknown };

/**
 * The codes by which SQS says that a receipt is of an earlier delivery, was never given, or that the message is in flight no
 * more; also that it was invisible for 12 hours in all. Its message has come again, or will.
 */
const spentReceipt = /(^|\.)(ReceiptHandleIsInvalid|InvalidParameterValue|MessageNotInflight)$/;

function asEntry(receipt: string, index: number): { Id: string; ReceiptHandle: string } {
  return { Id: String(index), ReceiptHandle: receipt };
}

function causeOf({ Code = 'no code', Message = 'no message' }: BatchResultErrorEntry): string {
  return `SQS answered ${Code}: ${Message}`;
}

/** All of a request that SQS refused as a whole: nothing of it was sent. */
function allOf(packet: Packet, error: unknown): readonly Unsent[] {
  const { name, message } = error as Error;
  return packet.map((index) => ({ index, cause: `SQS answered ${name}: ${message}`, retryable: true }));
}

function unsendableFor({ text }: SqsEntry, index: number, size: number): readonly Unsent[] {
  if (size > mostBytes) {
    const cause = `It is ${size} bytes long, and SQS takes no message of more than ${mostBytes} bytes (1 MiB).`;
    return [{ index, cause, retryable: false }];
  }
  if (isSendable(text)) return [];
  const cause = text === '' ? 'It is empty, and SQS takes no empty message.' : 'It holds a character that SQS takes in no message.';
  return [{ index, cause, retryable: false }];
}
