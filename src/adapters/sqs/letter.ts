import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { DeadLetter } from '../../ports/dead-letters.ts';
import type { QueueName } from '../../ports/vocabulary.ts';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isSendable, mostBytes, sendable } from './limits.ts';
import { sizeOf, type SqsEntry } from './packing.ts';

/** A dead letter as it came from its queue. */
export interface KeptLetter {
  readonly letter: DeadLetter;
  readonly receipt: string;
  /** When it was put there; for a message that SQS put there, when it was first sent. */
  readonly putAt: number;
}

/**
 * A dead letter as a message: its text as the body, and what is known of it in the attributes. A text that SQS does not take
 * as it is (empty, too long with the attributes, odd characters) goes as gzip in Base64; a long cause is cut, and ends with a mark.
 */
export function entryOf({ id, text, code, cause, importId, at }: DeadLetter): SqsEntry {
  const attributes = {
    ...word('id', id),
    ...word('code', code),
    ...word('cause', cut(cause)),
    ...word('import', importId ?? ''),
    [named('at')]: { DataType: 'Number', StringValue: String(at) },
  };
  const plain = { text, attributes };
  if (isSendable(text) && sizeOf(plain) <= mostBytes) return plain;
  return { text: gzipSync(text).toString('base64'), attributes: { ...attributes, ...word('encoding', 'gzip') } };
}

/** The dead letter that a message of a dead-letter queue is. One without our attributes was put there by SQS itself. */
export function letterOf(queue: QueueName, message: Message): KeptLetter {
  const { MessageId = '', ReceiptHandle: receipt = '', Body = '', MessageAttributes: kept = {}, Attributes: told = {} } = message;
  const putAt = Number(told.SentTimestamp ?? 0);
  const read = (name: string): string | undefined => kept[named(name)]?.StringValue;
  const id = read('id');
  if (id === undefined) {
    const letter = { id: MessageId, queue, text: Body, code: 'received-too-often', cause: receivedTooOften(queue), at: putAt };
    return { letter, receipt, putAt };
  }
  const importId = read('import');
  const letter = {
    id,
    queue,
    text: read('encoding') === 'gzip' ? gunzipSync(Buffer.from(Body, 'base64')).toString() : Body,
    code: read('code') ?? '',
    cause: read('cause') ?? '',
    ...(importId !== undefined && { importId }),
    at: Number(read('at') ?? putAt),
  };
  return { letter, receipt, putAt };
}

const mostCauseCharacters = 2_000;
const stages: Readonly<Record<QueueName, string>> = { uploads: 'process-csv', records: 'insert-records', welcomes: 'send-email' };

function receivedTooOften(queue: QueueName): string {
  return (
    `SQS gave this message out again and again, and whoever took it came to no end with it: it died, or ran out of time or memory. ` +
    `The logs of ${stages[queue]} say why; redrive the message when that is mended.`
  );
}

function named(name: string): string {
  return `rollcall-${name}`;
}

/** An attribute, where there is anything to say: SQS takes no empty one. */
function word(name: string, value: string): Record<string, MessageAttributeValue> {
  return value === '' ? {} : { [named(name)]: { DataType: 'String', StringValue: sendable(value) } };
}

function cut(cause: string): string {
  const characters = Array.from(cause);
  return characters.length <= mostCauseCharacters ? cause : `${characters.slice(0, mostCauseCharacters).join('')}… (cut)`;
}
