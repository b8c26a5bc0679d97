import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { mostBytes, mostEntries } from './limits.ts';

/** A message as it is handed to SQS. */
export interface SqsEntry {
  readonly text: string;
  readonly delaySeconds?: number;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
}

/** Messages of one request, by their index in the call. */
export type Packet = readonly number[];

/**
 * Packs messages into as few requests as come easily: each goes into the first request that has room for it. A message that
 * is too large for any is left out.
 * @param sizes in bytes
 */
export function pack(sizes: readonly number[]): readonly Packet[] {
  const open: { entries: number[]; bytes: number }[] = [];
  const full: Packet[] = [];
  for (const [index, size] of sizes.entries()) {
    if (size > mostBytes) continue;
    let packet = open.find(({ bytes }) => bytes + size <= mostBytes);
    if (!packet) open.push((packet = { entries: [], bytes: 0 }));
    packet.entries.push(index);
    packet.bytes += size;
    if (packet.entries.length === mostEntries) full.push(...open.splice(open.indexOf(packet), 1).map(({ entries }) => entries));
  }
  return [...full, ...open.map(({ entries }) => entries)];
}

/** What counts towards the limits: the text, and of each attribute name, type and value. In bytes. */
export function sizeOf({ text, attributes = {} }: SqsEntry): number {
  let size = Buffer.byteLength(text);
  for (const [name, { DataType = '', StringValue = '' }] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
  }
  return size;
}
