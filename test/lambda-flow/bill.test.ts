import { paginateScan } from '@aws-sdk/client-dynamodb';
import { describe, expect, jest, test } from '@jest/globals';
import { articlesRequests } from '../../src/entrypoints/estimate/articles.ts';
import type { CountedRun } from '../../src/entrypoints/estimate/flow.ts';
import { onDynamoDBLocal } from '../adapters/dynamodb/local.ts';
import { upTo } from '../contracts/world.ts';
import { itemSize } from '../emulators/dynamodb-meter.ts';
import { runArticles } from './articles/run.ts';
import { Bundles } from './bundles.ts';
import { countedRun, slowDown, timedSeconds } from './counted-run.ts';
import { Stack } from './stack.ts';

/** `npm run bill` counts more users than a test has time for, and prints what it counted. */
const { BILL_USERS: asked } = process.env;
const users = Number(asked ?? 1_000);
const articlesUsers = asked === undefined ? 300 : 3_000;
const mailsASecond = 200;

const fileOf = (count: number) =>
  `name,email\n${upTo(count)
    .map((n) => `Maximiliane Mustermann,maximiliane.mustermann.${n}@example.com\n`)
    .join('')}`;

onDynamoDBLocal((local) => {
  describe('counted request by request', () => {
    jest.setTimeout(3_600_000);

    test('the flow writes at most 4 units a user, of whom each is mailed once', async () => {
      const bundles = new Bundles();
      const stack = (
        await Stack.start(local(), { bundles, legSeconds: 120, timeoutSeconds: 900, concurrency: 2, patienceSeconds: 3_000 })
      ).run();
      try {
        await stack.quiet();
        stack.forget();
        stack.ses.quota = { max24HourSend: 1_000_000, maxSendRate: mailsASecond, sentLast24Hours: 0 };
        slowDown(stack);
        await stack.upload('people.csv', fileOf(users));
        await stack.completed('people.csv');
        await stack.sweep();
        const run = countedRun(stack, users, users / mailsASecond);
        if (asked !== undefined) {
          tellCounts(stack, run);
          const { seconds, worked, secondsBesideTurns } = await timedSeconds(stack, users, mailsASecond);
          tellRun({ ...run, seconds: { ...run.seconds, ...seconds }, worked: { ...run.worked, ...worked }, secondsBesideTurns });
        }
        expect(run.mails).toBe(users);
        const { insert, claim, confirm, accounting } = run.writeUnits;
        expect(insert).toBe(users);
        // A mail that found no connection in time is put back, and claimed once more.
        expect(Math.min(claim, confirm)).toBeGreaterThanOrEqual(users);
        expect((insert + claim + confirm + accounting) / users).toBeLessThanOrEqual(4);
        // Else a statement would write more than the one unit that it was counted as.
        expect(await largestItem(stack, 'users')).toBeLessThan(1024);
        expect(await largestItem(stack, 'welcomes')).toBeLessThan(1024);
      } finally {
        bundles.remove();
        await stack.close();
      }
    });

    test("the articles' design asks for what its formula says, to 1%", async () => {
      const { invocations, workedMs, ...requests } = await runArticles(local(), fileOf(articlesUsers), articlesUsers);
      const { invocations: expectedInvocations, ...expected } = articlesRequests(articlesUsers);
      if (asked !== undefined)
        process.stdout.write(
          `The articles' design, ${articlesUsers} users: ${JSON.stringify({ ...requests, invocations, workedMsAUser: workedMs / articlesUsers })}\n`,
        );
      const counts = Object.entries({ ...requests, ...invocations });
      const formula: Readonly<Record<string, number>> = { ...expected, ...expectedInvocations };
      for (const [what, count] of counts)
        expect([what, Math.abs(count - (formula[what] ?? 0)) <= 0.01 * count]).toStrictEqual([what, true]);
    });
  });
});

/** In bytes. */
async function largestItem(stack: Stack, table: 'users' | 'welcomes'): Promise<number> {
  let largest = 0;
  for await (const { Items = [] } of paginateScan({ client: stack.client }, { TableName: stack.tableNames[table] })) {
    for (const item of Items) largest = Math.max(largest, itemSize(item));
  }
  return largest;
}

function tellCounts(stack: Stack, run: Pick<CountedRun, 'users'>): void {
  const lines = stack.tally
    .lines()
    .map(({ kind, requests, units }) => `${kind.padEnd(52)}${String(requests).padStart(10)}${units.toFixed(1).padStart(14)}`);
  const asks = Object.entries(stack.ses.requests).map(([action, count]) => `${`SES ${action}`.padEnd(52)}${String(count).padStart(10)}`);
  const functions = Object.values(stack.functions).map(
    ({ name, invocations, gbSeconds }) =>
      `${`Lambda ${name}`.padEnd(52)}${String(invocations).padStart(10)}${gbSeconds.toFixed(1).padStart(14)} GB-seconds`,
  );
  process.stdout.write(
    `${[`${run.users} users`, `${''.padEnd(52)}  requests         units`, ...lines, ...asks, ...functions].join('\n')}\n`,
  );
}

/** The run as the estimate keeps it. */
function tellRun(run: CountedRun): void {
  process.stdout.write(`${JSON.stringify(run, undefined, 2)}\n`);
}
