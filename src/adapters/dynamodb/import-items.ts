import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { BatchResult, ImportHead, ImportPart, Outcome, Progress, RowOutcome } from '../../ports/import-ledger.ts';
import type { ImportId, Instant, Rejection } from '../../ports/vocabulary.ts';
import { ItemMalformed, jsonIn, numberIn, padded, textIn, type Item } from './item.ts';

/** Keys of the table `imports`; `tables.ts` says what lies there. */
export type ImportsKey = Record<'pk' | 'sk', AttributeValue>;

/** The partition that lists imports by time. */
export const listing = 'imports';
export const listed = (createdAt: Instant, id: ImportId): string => `${padded(createdAt, 15)}#${id}`;

export const headKey = (id: ImportId): ImportsKey => keyOf(id, 'head');
export const countsKey = (id: ImportId): ImportsKey => keyOf(id, 'counts');
export const failureKey = (id: ImportId, part: ImportPart): ImportsKey => keyOf(id, `failure#${part}`);
export const batchKey = (id: ImportId, firstRow: number): ImportsKey => keyOf(id, seriesKey('batch', firstRow));
export const keyOf = (pk: string, sk: string): ImportsKey => ({ pk: { S: pk }, sk: { S: sk } });

/** Items that each hold some rows which follow each other, by the first of them. */
export type Series = 'batch' | 'rejections';
export const seriesKey = (series: Series, row: number): string => `${series}#${padded(row, 10)}`;

export function itemOfHead(head: ImportHead, revision: number): Record<string, AttributeValue> {
  return { ...headKey(head.id), revision: { N: String(revision) }, head: { S: JSON.stringify(head) } };
}

export function headOf(item: Item): ImportHead {
  return { ...(jsonIn(item, 'head') as ImportHead), revision: numberIn(item, 'revision') };
}

/** One letter a row. */
export function lettersOf(outcomes: readonly Outcome[]): string {
  return outcomes.map((outcome) => letters[outcome]).join('');
}

/** The rows of a batch's item, one outcome each. */
export function outcomesOf(item: Item): RowOutcome[] {
  const firstRow = rowOf(item);
  return Array.from(textIn(item, 'outcomes'), (letter, index) => {
    const outcome = (Object.keys(letters) as Outcome[]).find((name) => letters[name] === letter);
    if (!outcome) throw new ItemMalformed('outcomes', 'row of letters');
    return { row: firstRow + index, outcome };
  });
}

/** The items that keep a batch's rejections: as many a piece as fit. */
export function itemsOfRejections({ importId, rejections }: BatchResult): Record<string, AttributeValue>[] {
  const pieces: { readonly row: number; readonly texts: string[]; bytes: number }[] = [];
  for (const rejection of [...rejections].sort((a, b) => a.row - b.row)) {
    const text = JSON.stringify(rejection);
    const bytes = Buffer.byteLength(text);
    const last = pieces.at(-1);
    if (last && last.bytes + bytes <= pieceBytes) {
      last.texts.push(text);
      last.bytes += bytes;
    } else pieces.push({ row: rejection.row, texts: [text], bytes });
  }
  return pieces.map(({ row, texts }) => ({
    ...keyOf(importId, seriesKey('rejections', row)),
    rejections: { S: `[${texts.join()}]` },
  }));
}

export function rejectionsOf(item: Item): readonly Rejection[] {
  return jsonIn(item, 'rejections') as Rejection[];
}

/** An import's sums out of the item `counts` and the items `failure#…`, whichever of them there are. */
export function progressOf(items: readonly Item[]): Progress {
  const counts = items.find((item) => item['sk']?.S === 'counts') ?? {};
  const sum = (name: string) => (counts[name] ? numberIn(counts, name) : 0);
  return {
    batches: sum('batches'),
    inserted: sum('inserted'),
    updated: sum('updated'),
    duplicates: sum('duplicates'),
    rejected: sum('rejected'),
    deadLetters: items.filter((item) => item['dead']?.BOOL === true).length,
  };
}

/** A piece of rejections ends before it gets larger: an item holds 400 KB, and a rejection alone is some 64 KiB at most. */
const pieceBytes = 256 * 1024;

const letters: Readonly<Record<Outcome, string>> = { inserted: 'i', updated: 'u', duplicate: 'd', rejected: 'r' };

function rowOf(item: Item): number {
  return Number(textIn(item, 'sk').split('#')[1]);
}
