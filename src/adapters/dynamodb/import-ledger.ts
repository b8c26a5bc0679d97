import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  paginateQuery,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import {
  LedgerUnavailable,
  type BatchResult,
  type ImportHead,
  type ImportLedger,
  type ImportPart,
  type PartFailure,
  type Progress,
  type RowOutcome,
} from '../../ports/import-ledger.ts';
import type { Ids } from '../../ports/ids.ts';
import type { ImportId, Rejection } from '../../ports/vocabulary.ts';
import type { DynamoDatabase } from './database.ts';
import { raising } from './failure.ts';
import * as items from './import-items.ts';
import { numberIn, textIn } from './item.ts';
import { recordResults } from './record-results.ts';

/** The import ledger in the table `imports`, one partition an import. */
export class DynamoImportLedger implements ImportLedger {
  readonly #db: DynamoDatabase;
  readonly #table: string;
  readonly #ids: Ids;

  /** @param table the table's name */
  constructor(db: DynamoDatabase, table: string, ids: Ids) {
    this.#db = db;
    this.#table = table;
    this.#ids = ids;
  }

  create(head: ImportHead): Promise<ImportHead> {
    return this.#raising(async () => {
      const absent = { TableName: this.#table, ConditionExpression: 'attribute_not_exists(pk)' };
      const listed = items.keyOf(items.listing, items.listed(head.createdAt, head.id));
      let kept = head;
      await this.#db.settle([head], 'TransactionConflict', async (left) => {
        const reasons = await this.#db.transact([
          { Put: { ...absent, Item: items.itemOfHead(head, head.revision), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } },
          { Put: { TableName: this.#table, Item: listed } },
        ]);
        if (!reasons) return [];
        if (reasons[0]?.Code !== 'ConditionalCheckFailed') return left;
        kept = items.headOf(reasons[0].Item ?? {});
        return [];
      });
      return kept;
    });
  }

  find(id: ImportId): Promise<ImportHead | undefined> {
    return this.#raising(async () => {
      const input = { TableName: this.#table, Key: items.headKey(id), ConsistentRead: true };
      const { Item } = await this.#db.client.send(new GetItemCommand(input));
      return Item && items.headOf(Item);
    });
  }

  async list(limit: number, before?: ImportId): Promise<readonly ImportHead[]> {
    const last = before === undefined ? undefined : await this.find(before);
    if (before !== undefined && !last) return [];
    return this.#raising(async () => {
      const ids: ImportId[] = [];
      const until = last ? items.listed(last.createdAt, last.id) : '~';
      const range = { KeyConditionExpression: 'pk = :pk AND sk < :sk', ScanIndexForward: false };
      for await (const item of this.#query(range, items.listing, { ':sk': { S: until } }, limit)) {
        // `<created at>#<id>`, and the time has no # in it.
        ids.push(textIn(item, 'sk').replace(/^\d+#/, ''));
        if (ids.length === limit) break;
      }
      const heads = await this.#db.read(this.#table, ids.map(items.headKey), 'pk');
      return ids.flatMap((id) => {
        const item = heads.get(id);
        return item ? [items.headOf(item)] : [];
      });
    });
  }

  /** The item keeps the name of the write: an answer that was lost and asked for again is told from another's write by it. */
  replace(head: ImportHead): Promise<boolean> {
    return this.#raising(async () => {
      const write = this.#ids.fresh();
      try {
        await this.#db.client.send(
          new PutItemCommand({
            TableName: this.#table,
            Item: { ...items.itemOfHead(head, head.revision + 1), write: { S: write } },
            ConditionExpression: 'revision = :revision',
            ExpressionAttributeValues: { ':revision': { N: String(head.revision) } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return error.Item?.['write']?.S === write;
      }
    });
  }

  record(results: readonly BatchResult[]): Promise<void> {
    return this.#raising(() => recordResults(this.#db, this.#table, results));
  }

  /** One query: `counts` comes before the failures, so where the counts say that all is done, no failure shows that is forgotten by then. */
  progress(id: ImportId): Promise<Progress> {
    return this.#raising(async () => {
      const range = { KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to' };
      const found: Record<string, AttributeValue>[] = [];
      for await (const item of this.#query(range, id, { ':from': { S: 'counts' }, ':to': { S: 'failure#~' } })) found.push(item);
      return items.progressOf(found);
    });
  }

  noteFailure({ importId, part, cause, at }: PartFailure): Promise<number> {
    return this.#raising(async () => {
      const { Attributes = {} } = await this.#db.client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: items.failureKey(importId, part),
          UpdateExpression: 'SET #cause = :cause, #at = :at ADD attempts :one',
          ExpressionAttributeNames: { '#cause': 'cause', '#at': 'at' },
          ExpressionAttributeValues: { ':cause': { S: cause }, ':at': { N: String(at) }, ':one': { N: '1' } },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return numberIn(Attributes, 'attempts');
    });
  }

  markDeadLettered({ importId, part, cause, at }: PartFailure): Promise<void> {
    return this.#raising(async () => {
      const told = { attempts: { N: '0' }, dead: { BOOL: true }, cause: { S: cause }, at: { N: String(at) } };
      await this.#db.client.send(new PutItemCommand({ TableName: this.#table, Item: { ...items.failureKey(importId, part), ...told } }));
    });
  }

  clearFailure(id: ImportId, part: ImportPart): Promise<void> {
    return this.#raising(async () => {
      await this.#db.client.send(new DeleteItemCommand({ TableName: this.#table, Key: items.failureKey(id, part) }));
    });
  }

  outcomes(id: ImportId, fromRow: number, limit: number): Promise<readonly RowOutcome[]> {
    return this.#collect(id, 'batch', fromRow, limit, items.outcomesOf);
  }

  rejections(id: ImportId, afterRow: number, limit: number): Promise<readonly Rejection[]> {
    return this.#collect(id, 'rejections', afterRow + 1, limit, items.rejectionsOf);
  }

  #raising<T>(work: () => Promise<T>): Promise<T> {
    return raising(LedgerUnavailable, this.#table, work);
  }

  /** What the items of a series hold of rows from `fromRow` on. The item that holds it may begin before it. */
  #collect<T extends { readonly row: number }>(
    id: ImportId,
    series: items.Series,
    fromRow: number,
    limit: number,
    rowsOf: (item: Record<string, AttributeValue>) => readonly T[],
  ): Promise<readonly T[]> {
    return this.#raising(async () => {
      const found: T[] = [];
      const range = { KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to' };
      const bounds = { ':from': { S: await this.#startOf(id, series, fromRow) }, ':to': { S: `${series}#~` } };
      for await (const item of this.#query(range, id, bounds, itemsPerPage)) {
        found.push(...rowsOf(item).filter(({ row }) => row >= fromRow));
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    });
  }

  /** The sort key of the last item of a series that begins at `row` or before. */
  async #startOf(id: ImportId, series: items.Series, row: number): Promise<string> {
    const first = items.seriesKey(series, 0);
    const { Items } = await this.#db.client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': { S: id }, ':from': { S: first }, ':to': { S: items.seriesKey(series, Math.max(0, row)) } },
        ProjectionExpression: 'sk',
        ScanIndexForward: false,
        Limit: 1,
        ConsistentRead: true,
      }),
    );
    return Items?.[0]?.['sk']?.S ?? first;
  }

  async *#query(
    range: Pick<QueryCommandInput, 'KeyConditionExpression' | 'ScanIndexForward'>,
    pk: string,
    bounds: Record<string, AttributeValue>,
    perPage?: number,
  ): AsyncGenerator<Record<string, AttributeValue>> {
    const input = { ...range, TableName: this.#table, ConsistentRead: true, ExpressionAttributeValues: { ':pk': { S: pk }, ...bounds } };
    const paging = { client: this.#db.client, ...(perPage !== undefined && { pageSize: perPage }) };
    for await (const page of paginateQuery(paging, input)) yield* page.Items ?? [];
  }
}

/** Who asks for few rows is not to pay for a megabyte of them. */
const itemsPerPage = 10;
