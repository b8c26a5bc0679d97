import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attributes, Origin, RecordBatch, User, UserRecord } from '../../ports/vocabulary.ts';
import { flagIn, ItemMalformed, jsonIn, numberIn, padded, textIn, type Item } from './item.ts';

/** A row that wants to be a user. */
export interface Row {
  readonly batch: RecordBatch;
  readonly record: UserRecord;
}

/**
 * The user of an item of the table `users`, or of its image in the table's stream.
 * @throws ItemMalformed
 */
export function userOf(item: Item): User {
  const key = textIn(item, 'key');
  return {
    key,
    address: item['address'] ? textIn(item, 'address') : key,
    name: textIn(item, 'name'),
    ...(item['attributes'] && { attributes: attributesIn(item) }),
    origin: originOf(item),
    welcome: flagIn(item, 'welcome'),
  };
}

/** Which row made the user of an item. */
export function originOf(item: Item): Origin {
  return { importId: textIn(item, 'importId'), row: numberIn(item, 'row') };
}

/** A row's version as a text that sorts as versions do. */
export function versionOf({ batch, record }: Row): string {
  return `${padded(batch.importedAt, 15)}#${batch.importId}#${padded(record.row, 10)}`;
}

/** The attributes that a row writes over those of an older version. `address` is there only where it is not the key itself. */
export function dataOf({ record }: Row): ReadonlyMap<string, AttributeValue> {
  const data = new Map<string, AttributeValue>([['name', { S: record.name }]]);
  if (record.address !== record.key) data.set('address', { S: record.address });
  if (record.attributes) data.set('attributes', { S: JSON.stringify(record.attributes) });
  return data;
}

/** Every attribute that `dataOf` may name. */
export const dataAttributes = ['name', 'address', 'attributes'] as const;

function attributesIn(item: Item): Attributes {
  const attributes = jsonIn(item, 'attributes');
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    throw new ItemMalformed('attributes', 'JSON object');
  return attributes as Attributes;
}
