import type { Codec } from '../../ports/codec.ts';
import type { Delivery } from '../../ports/message-source.ts';
import { isFields, UnknownEvent, type Fields } from './events.ts';

/** A message as Lambda hands it over, and the queue that it came from. */
export interface HandedOver<T> {
  readonly delivery: Delivery<T>;
  readonly queueArn: string;
}

/** The name of a record's message: with it Lambda is told what failed. @throws UnknownEvent */
export function messageIdOf(record: Fields): string {
  const id = record['messageId'];
  if (typeof id !== 'string' || id === '') throw new UnknownEvent('A record of the event names no message.');
  return id;
}

/** The delivery that a record of an SQS event is, or what is wrong with the record. */
export function deliveryOf<T>(record: Fields, codec: Codec<T>): HandedOver<T> | string {
  const { receiptHandle: receipt, body, attributes, eventSourceARN: queueArn } = record;
  if (typeof receipt !== 'string' || receipt === '') return 'it has no receipt handle';
  if (typeof body !== 'string') return 'it has no body';
  if (typeof queueArn !== 'string' || queueArn === '') return 'it does not name its queue';
  const told = isFields(attributes) ? attributes : {};
  const [receives, sentAt] = [Number(told['ApproximateReceiveCount']), Number(told['SentTimestamp'])];
  if (!Number.isSafeInteger(receives) || !Number.isSafeInteger(sentAt)) return 'it does not tell when it was sent, and how often received';
  return { delivery: { id: messageIdOf(record), receipt, content: codec.decode(body), receives, sentAt }, queueArn };
}
