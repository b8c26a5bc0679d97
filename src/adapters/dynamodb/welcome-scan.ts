import { paginateScan, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ImportId } from '../../ports/vocabulary.ts';
import type { WelcomeTotals } from '../../ports/welcome-ledger.ts';
import { numberIn, type Item } from './item.ts';
import { stateIn } from './welcome-item.ts';

/** Totals while they are counted. */
export type Counting = { -readonly [Total in keyof WelcomeTotals]: number };

export const noWelcomes: WelcomeTotals = { waiting: 0, claimed: 0, sent: 0, uncertain: 0, refused: 0, failed: 0, everUncertain: 0 };

/**
 * Reads the whole table `welcomes` and counts each item. Not consistently, for half the price: what was written in the last second may be missing, so that
 * a welcome that was just sent still counts as claimed.
 * @param totalsFor where an item counts
 * @param importId counts the items of that import alone; the others are read all the same
 */
export async function scanWelcomes(
  client: DynamoDBClient,
  table: string,
  totalsFor: (item: Item) => Counting,
  importId?: ImportId,
): Promise<void> {
  const input = {
    TableName: table,
    TotalSegments: scannedAtOnce,
    ProjectionExpression: 'importId, #state, uncertainSends',
    ExpressionAttributeNames: { '#state': 'state' },
    ...(importId !== undefined && {
      FilterExpression: 'importId = :import',
      ExpressionAttributeValues: { ':import': { S: importId } },
    }),
  };
  const scan = async (_: unknown, Segment: number) => {
    for await (const { Items = [] } of paginateScan({ client }, { ...input, Segment })) {
      for (const item of Items) {
        const totals = totalsFor(item);
        totals[stateIn(item)]++;
        if (numberIn(item, 'uncertainSends') > 0) totals.everUncertain++;
      }
    }
  };
  await Promise.all(Array.from({ length: scannedAtOnce }, scan));
}

const scannedAtOnce = 4;
