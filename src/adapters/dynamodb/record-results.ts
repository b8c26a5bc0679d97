import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { BatchResult, Outcome } from '../../ports/import-ledger.ts';
import type { ImportId } from '../../ports/vocabulary.ts';
import type { DynamoDatabase } from './database.ts';
import { batchKey, countsKey, failureKey, itemsOfRejections, lettersOf } from './import-items.ts';

/**
 * Keeps each result that its batch does not have yet and adds its counts to those of its import, many results a transaction. Where one
 * of them has been kept before, nothing is written; it is left out then, and the others are tried again.
 */
export async function recordResults(db: DynamoDatabase, table: string, results: readonly BatchResult[]): Promise<void> {
  const distinct = new Map(results.map((result) => [`${result.importId} ${result.firstRow}`, result] as const).reverse());
  for (const group of groupsOf(table, [...distinct.values()])) {
    await db.settle(group, 'TransactionConflict', async (left) => {
      const operations = [...left.flatMap(({ operations }) => operations), ...sumsOf(table, left)];
      const reasons = await db.transact(operations);
      if (!reasons) return [];
      let at = 0;
      return left.map((part) => {
        const isKept = part.result !== undefined && reasons[at]?.Code === 'ConditionalCheckFailed';
        at += part.operations.length;
        return isKept ? onlyForgetting(table, part.result) : part;
      });
    });
  }
}

/** What a transaction does for one batch; without a result where it has been kept before, and only its failure is forgotten. */
interface Part {
  readonly result?: BatchResult;
  /** The first one of a part with a result is conditional on there being none. */
  readonly operations: readonly TransactWriteItem[];
  readonly bytes: number;
}

/** docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html: 100 items and 4 MB. */
const maxOperations = 100;
const maxBytes = 3 * 1024 * 1024;

/** Parts that fit into a transaction, with one more operation for each import among them. */
function groupsOf(table: string, results: readonly BatchResult[]): Part[][] {
  const groups: { readonly parts: Part[]; readonly imports: Set<ImportId>; operations: number; bytes: number }[] = [];
  for (const result of results) {
    const part = partOf(table, result);
    let group = groups.at(-1);
    if (
      !group ||
      group.operations + part.operations.length + group.imports.size + 1 > maxOperations ||
      group.bytes + part.bytes > maxBytes
    ) {
      group = { parts: [], imports: new Set(), operations: 0, bytes: 0 };
      groups.push(group);
    }
    group.parts.push(part);
    group.imports.add(result.importId);
    group.operations += part.operations.length;
    group.bytes += part.bytes;
  }
  return groups.map(({ parts }) => parts);
}

function partOf(table: string, result: BatchResult): Part {
  const { importId, firstRow, outcomes } = result;
  const batch = { ...batchKey(importId, firstRow), outcomes: { S: lettersOf(outcomes) } };
  const rejections = itemsOfRejections(result);
  return {
    result,
    operations: [
      { Put: { TableName: table, Item: batch, ConditionExpression: 'attribute_not_exists(pk)' } },
      ...rejections.map((Item): TransactWriteItem => ({ Put: { TableName: table, Item } })),
      forgetting(table, result),
    ],
    bytes: outcomes.length + rejections.reduce((sum, item) => sum + Buffer.byteLength(item['rejections']?.S ?? ''), 0),
  };
}

function onlyForgetting(table: string, result: BatchResult): Part {
  return { operations: [forgetting(table, result)], bytes: 0 };
}

function forgetting(table: string, { importId, firstRow }: BatchResult): TransactWriteItem {
  return { Delete: { TableName: table, Key: failureKey(importId, firstRow) } };
}

/** Adds the sums of the parts to those of their imports, which makes them where there are none. */
function sumsOf(table: string, parts: readonly Part[]): TransactWriteItem[] {
  const sums = new Map<ImportId, Record<Outcome | 'batch', number>>();
  for (const { result } of parts) {
    if (!result) continue;
    const sum = sums.get(result.importId) ?? { batch: 0, inserted: 0, updated: 0, duplicate: 0, rejected: 0 };
    sum.batch++;
    for (const outcome of result.outcomes) sum[outcome]++;
    sums.set(result.importId, sum);
  }
  return [...sums].map(([id, { batch, inserted, updated, duplicate, rejected }]) => ({
    Update: {
      TableName: table,
      Key: countsKey(id),
      UpdateExpression: 'ADD batches :batches, inserted :inserted, updated :updated, duplicates :duplicates, rejected :rejected',
      ExpressionAttributeValues: {
        ':batches': numberOf(batch),
        ':inserted': numberOf(inserted),
        ':updated': numberOf(updated),
        ':duplicates': numberOf(duplicate),
        ':rejected': numberOf(rejected),
      },
    },
  }));
}

function numberOf(number: number): AttributeValue {
  return { N: String(number) };
}
