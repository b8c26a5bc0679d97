import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { onDynamoDBLocal } from '../adapters/dynamodb/local.ts';
import { sesErrors } from '../adapters/ses/double.ts';
import { upTo } from '../contracts/world.ts';
import { Bundles } from './bundles.ts';
import { Stack } from './stack.ts';

/** Addresses of people who do not exist: those of one test have a name in common. */
const peopleOf = (name: string, count: number) => upTo(count).map((n) => `${name}.${n}@example.com`);
const fileOf = (addresses: readonly string[]) => `name,email\n${addresses.map((address, n) => `Example ${n},${address}\n`).join('')}`;

onDynamoDBLocal((local) => {
  jest.setTimeout(120_000);
  describe('the bundled functions', () => {
    let bundles: Bundles | undefined;
    let stack: Stack;
    beforeAll(async () => {
      bundles = new Bundles();
      stack = (await Stack.start(local(), { bundles, legSeconds: 2, timeoutSeconds: 60, concurrency: 2, patienceSeconds: 60 })).run();
    }, 60_000);
    afterAll(async () => {
      bundles?.remove();
      await stack.close();
    }, 60_000);
    afterEach(() => {
      stack.notifications.copies = 1;
      stack.ses.answer = () => 'take';
      stack.ses.taken.length = 0;
      stack.aws.latency = () => 0;
    });

    const mailed = () => stack.ses.taken.flatMap(({ to }) => to).sort();
    const deadLetters = () =>
      Object.entries(stack.queues).flatMap(([name, url]) => (name.endsWith('letters') ? stack.aws.textsOn(url) : []));

    /** The file's only import is completed with these counts, and nothing lies in dead letters. */
    async function expectCounts(name: string, counts: Readonly<Record<string, number>>): Promise<void> {
      const { id } = await stack.completed(name);
      expect(await stack.importsOf(name)).toHaveLength(1);
      expect(await stack.imports.progress(id)).toMatchObject({
        inserted: 0,
        updated: 0,
        duplicates: 0,
        rejected: 0,
        deadLetters: 0,
        ...counts,
      });
    }

    describe('a file that is put into S3', () => {
      test('makes every person a user with one welcome, and counts every row', async () => {
        const people = peopleOf('every', 300);
        const rows = [...people, 'every.1@example.com', 'Every.2@Example.com', 'nobody', ''];
        await stack.upload('uploads/a b+c%/人员 every.csv', fileOf(rows));
        await expectCounts('人员 every.csv', { inserted: 300, duplicates: 2, rejected: 2 });
        expect(mailed()).toStrictEqual([...people].sort());
        expect((await stack.welcomes.totals()).sent).toBe(300);
        expect(deadLetters()).toStrictEqual([]);
      });

      test('is one import, however often S3 tells of it', async () => {
        stack.notifications.copies = 4;
        const people = peopleOf('told', 60);
        await stack.upload('told.csv', fileOf(people));
        await expectCounts('told.csv', { inserted: 60 });
        expect(mailed()).toStrictEqual([...people].sort());
      });
    });

    test('messages and records whose functions die after their work come again, and change nothing', async () => {
      const { announce, 'process-csv': processCsv, 'insert-records': insertRecords, 'send-email': sendEmail } = stack.functions;
      const dying = { uploads: processCsv, records: insertRecords, welcomes: sendEmail } as const;
      for (const function_ of [announce, ...Object.values(dying)]) function_.deaths = 1;
      const people = peopleOf('again', 80);
      await stack.upload('again.csv', fileOf([...people, 'again.1@example.com']));
      for (const queue of ['uploads', 'records', 'welcomes'] as const) {
        await stack.until(`${queue} was worked on by one that died`, () =>
          Promise.resolve(dying[queue].deaths + dying[queue].running === 0),
        );
        stack.hasten(queue);
      }
      await expectCounts('again.csv', { inserted: 80, duplicates: 1 });
      expect(announce.deaths).toBe(0);
      expect(mailed()).toStrictEqual([...people].sort());
    });

    describe('what cannot be understood', () => {
      test('on a queue is set aside by itself', async () => {
        const people = peopleOf('beside', 20);
        await Promise.all((['uploads', 'records', 'welcomes'] as const).map((queue) => stack.send(queue, `no message of ours: ${queue}`)));
        await stack.upload('beside.csv', fileOf(people));
        await expectCounts('beside.csv', { inserted: 20 });
        expect(mailed()).toStrictEqual([...people].sort());
        for (const queue of ['uploads', 'records', 'welcomes'] as const) {
          expect(stack.aws.textsOn(stack.queues[`${queue}-dead-letters`])).toStrictEqual([`no message of ours: ${queue}`]);
        }
      });

      test('in the stream is kept with the failures, and holds up nobody', async () => {
        const TableName = stack.tableNames.users;
        await stack.client.send(new PutItemCommand({ TableName, Item: { key: { S: 'poison@example.com' }, welcome: { BOOL: true } } }));
        const people = peopleOf('behind', 40);
        await stack.upload('behind.csv', fileOf(people));
        await expectCounts('behind.csv', { inserted: 40 });
        expect(mailed()).toStrictEqual([...people].sort());
        expect(stack.failures()).toHaveLength(1);
        expect(JSON.parse(stack.failures()[0] ?? '')).toMatchObject({
          DDBStreamBatchInfo: { batchSize: 1 },
          payload: expect.stringContaining('poison@example.com'),
        });
        // A sweep reads all of the table, and would fail there.
        await stack.client.send(new DeleteItemCommand({ TableName, Key: { key: { S: 'poison@example.com' } } }));
      });
    });

    test('a throttled SES takes every mail in the end, and no attempt is counted', async () => {
      const seen = new Map<string, number>();
      stack.ses.answer = ({ to: [address = ''] }) => {
        seen.set(address, (seen.get(address) ?? 0) + 1);
        return seen.get(address) === 1 ? sesErrors.tooFast : 'take';
      };
      const people = peopleOf('slow', 60);
      await stack.upload('slow.csv', fileOf(people));
      await expectCounts('slow.csv', { inserted: 60 });
      expect([...seen.values()]).toStrictEqual(people.map(() => 2));
      expect(mailed()).toStrictEqual([...people].sort());
      expect(await stack.welcomes.totals()).toMatchObject({
        waiting: 0,
        claimed: 0,
        uncertain: 0,
        refused: 0,
        failed: 0,
        everUncertain: 0,
      });
    });

    test('a paused account lets welcomes wait, and they go out when it is not paused any more', async () => {
      stack.ses.answer = () => sesErrors.accountPaused;
      const people = peopleOf('paused', 30);
      await stack.upload('paused.csv', fileOf(people));
      const paused = () => stack.welcomes.totals().then(({ waiting, claimed }) => claimed === 0 && waiting === 30);
      await stack.until('all of them wait', paused);
      stack.ses.answer = () => 'take';
      await stack.until('they are on the queue', () => Promise.resolve(stack.functions['send-email'].running === 0));
      stack.hasten('welcomes');
      await expectCounts('paused.csv', { inserted: 30 });
      expect(mailed()).toStrictEqual([...people].sort());
    });

    test('a file that takes longer than a leg is read in several', async () => {
      // Each address fills a hundred rows: 200,000 rows, and as few writes as 2,000 users take.
      const people = peopleOf('long', 2_000);
      const before = stack.functions['process-csv'].invocations;
      stack.aws.latency = (what) => (what === 'SendMessageBatch' ? 700 : 0);
      await stack.upload('long.csv', fileOf(people.flatMap((address) => Array.from({ length: 100 }, () => address))), {
        'rollcall-welcome': 'no',
      });
      await expectCounts('long.csv', { inserted: 2_000, duplicates: 198_000 });
      // One begins the import, the others read.
      expect(stack.functions['process-csv'].invocations - before).toBeGreaterThanOrEqual(3);
      expect(mailed()).toStrictEqual([]);
    });

    test('a welcome whose announcement got lost is announced again by the sweep', async () => {
      await stack.mappings.welcomes.stop();
      const people = peopleOf('lost', 10);
      await stack.upload('lost.csv', fileOf(people));
      await stack.until('they are announced', () => Promise.resolve(stack.aws.textsOn(stack.queues.welcomes).length > 0));
      stack.aws.purge(stack.queues.welcomes);
      stack.mappings.welcomes.start();
      await stack.completed('lost.csv');
      expect(mailed()).toStrictEqual([]);
      expect(await stack.sweep()).toStrictEqual({ answer: { announced: 10 } });
      await stack.quiet();
      expect(mailed()).toStrictEqual([...people].sort());
    });
  });
});
