import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { DynamoDatabase } from '../../../src/adapters/dynamodb/database.ts';
import { DynamoWelcomeCounts } from '../../../src/adapters/dynamodb/welcome-counts.ts';
import { MemoryClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryRandom } from '../../../src/adapters/memory/random.ts';
import { LedgerUnavailable } from '../../../src/ports/import-ledger.ts';
import { upTo } from '../../contracts/world.ts';
import { ScriptedEndpoint, type Reply } from './endpoint.ts';
import { onDynamoDBLocal } from './local.ts';
import { DynamoWorld } from './world.ts';

const none = { waiting: 0, claimed: 0, sent: 0, uncertain: 0, refused: 0, failed: 0, everUncertain: 0 };

onDynamoDBLocal((local) => {
  test('each import is told its own, and an unknown one nothing', async () => {
    const world = await DynamoWorld.of(local(), 'welcomes');
    const put = (userId: string, importId: string, state: string, uncertainSends: number) =>
      world.db.client.send(
        new PutItemCommand({
          TableName: world.names.welcomes,
          Item: { userId: { S: userId }, importId: { S: importId }, state: { S: state }, uncertainSends: { N: String(uncertainSends) } },
        }),
      );
    await Promise.all([
      ...upTo(40).map((n) => put(`a${n}`, 'a', 'sent', 0)),
      ...upTo(7).map((n) => put(`b${n}`, 'b', 'refused', n > 4 ? 1 : 0)),
    ]);
    const counts = new DynamoWelcomeCounts(world.db, world.names.welcomes, new MemoryClock(), 60_000);
    expect(await Promise.all(['a', 'b', 'c'].map((id) => counts.totals(id)))).toStrictEqual([
      { ...none, sent: 40 },
      { ...none, refused: 7, everUncertain: 3 },
      none,
    ]);
    await world.close();
  });
});

describe('the table', () => {
  /** Counts on an endpoint that answers so. */
  async function countsOn(
    answer: () => Reply,
    work: (counts: DynamoWelcomeCounts, clock: MemoryClock, looks: () => number) => Promise<void>,
  ) {
    const endpoint = await ScriptedEndpoint.start(answer);
    const client = new DynamoDBClient(endpoint.settings);
    const clock = new MemoryClock();
    const db = new DynamoDatabase(client, { clock, random: new MemoryRandom(1) });
    try {
      // Four segments are one reading.
      await work(new DynamoWelcomeCounts(db, 'the-welcomes', clock, 10_000), clock, () => endpoint.requests.length / 4);
    } finally {
      client.destroy();
      await endpoint.stop();
    }
  }
  const item = { importId: { S: 'a' }, state: { S: 'sent' }, uncertainSends: { N: '0' } };

  test('is read once for all who ask at once, and again only when that has aged', () =>
    countsOn(
      () => ({ Items: [item] }),
      async (counts, clock, looks) => {
        await Promise.all(['a', 'b', 'a'].map((id) => counts.totals(id)));
        await clock.advance(1_999);
        expect([await counts.totals('a'), looks()]).toStrictEqual([{ ...none, sent: 4 }, 1]);
        await clock.advance(1);
        await counts.totals('a');
        expect(looks()).toBe(2);
      },
    ));

  test('that takes long is not waited for, and what was known is told until then', () =>
    countsOn(
      () => 'silence',
      async (counts, clock, looks) => {
        const waiting = counts.totals('a');
        while (looks() < 1) await new Promise((resolve) => setImmediate(resolve));
        await clock.advance(10_000);
        expect(await waiting).toStrictEqual(none);
        const next = counts.totals('a');
        await clock.advance(10_000);
        expect([await next, looks()]).toStrictEqual([none, 1]);
      },
    ));

  test('that cannot be read is told as such, to whoever asks next, too', () =>
    countsOn(
      () => ({ status: 500, error: 'InternalServerError' }),
      async (counts) => {
        for (let time = 0; time < 2; time++) await expect(counts.totals('a')).rejects.toThrow(LedgerUnavailable);
      },
    ));
});
