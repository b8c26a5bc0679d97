import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MemoryAnswer } from '../../src/adapters/memory/mailer.ts';
import { redrive } from '../../src/domain/dead-letters.ts';
import type { UserDirectory } from '../../src/ports/user-directory.ts';
import type { RecordBatch } from '../../src/ports/vocabulary.ts';
import { present, upTo } from '../contracts/world.ts';
import { faulty } from '../domain/faulty.ts';
import { Flow, type FlowPorts } from './flow.ts';
import { Died, mortal } from './mortal.ts';

export interface FlowWorld {
  readonly ports: FlowPorts;
  close(): Promise<void>;
}

const addressOf = (n: number): string => `user${String(n).padStart(3, '0')}@example.com`;
const lineOf = (n: number): string => `Name ${n},${addressOf(n)}`;
const csvOf = (lines: readonly string[]): string => `name,email\n${lines.join('\n')}\n`;
/** A file of so many different people. */
const people = (count: number, first = 1): string => csvOf(upTo(count).map((n) => lineOf(n + first - 1)));
const onceEach = (count: number, first = 1) => upTo(count).map((n) => [addressOf(n + first - 1), 1]);

/** What the flow as a whole promises, over any world. */
export function flowSuite(label: string, factory: () => FlowWorld, options: { readonly crashEvery: number }): void {
  describe(`the flow over ${label}`, () => {
    let world: FlowWorld;
    let ports: FlowPorts;
    let flow: Flow;
    beforeEach(() => {
      world = factory();
      ports = world.ports;
      flow = new Flow(ports);
    });
    afterEach(() => world.close());

    const outcomes = async (id: string) => (await ports.imports.outcomes(id, 1, 10_000)).map(({ row, outcome }) => `${row} ${outcome}`);
    const userNames = async () => (await flow.users()).map(({ name }) => name);

    describe('counts add up', () => {
      test('every row has one outcome, and every new user one mail', async () => {
        const lines = [
          ...upTo(25).map(lineOf),
          'Twice,USER003@example.com',
          'Nobody,',
          'Odd,no-address',
          ',nameless@example.com',
          lineOf(3),
        ];
        const summary = await flow.import(csvOf(lines));
        expect(summary).toMatchObject({
          state: 'completed',
          rows: 30,
          inserted: 25,
          updated: 0,
          duplicates: 2,
          rejected: 3,
          welcomed: 25,
          waiting: 0,
        });
        expect((await outcomes(summary.import)).slice(24)).toStrictEqual([
          '25 inserted',
          '26 duplicate',
          '27 rejected',
          '28 rejected',
          '29 rejected',
          '30 duplicate',
        ]);
        expect((await ports.imports.rejections(summary.import, 0, 10)).map(({ row, line, code }) => [row, line, code])).toStrictEqual([
          [27, 28, 'missing-address'],
          [28, 29, 'invalid-address'],
          [29, 30, 'missing-name'],
        ]);
        expect(flow.mails()).toStrictEqual(onceEach(25));
      });

      test('a file without rows is completed', async () => {
        expect(await flow.import('name,email\n')).toMatchObject({ state: 'completed', rows: 0 });
      });

      test('a file without an address column is refused', async () => {
        expect(await flow.import('name,phone\nAda,1\n')).toMatchObject({ state: 'refused', rows: 0, waiting: 0 });
      });

      test('the same file again is the same import, and changes nothing', async () => {
        const first = await flow.import(people(15));
        expect(await flow.begin(people(15))).toMatchObject({ how: 'ended', head: { id: first.import } });
        await flow.run();
        expect(flow.mails()).toStrictEqual(onceEach(15));
      });

      test('imported anew on purpose, it finds only duplicates', async () => {
        await flow.import(people(15));
        expect(await flow.import(people(15), { again: true })).toMatchObject({
          state: 'completed',
          inserted: 0,
          duplicates: 15,
          welcomed: 0,
          waiting: 0,
        });
        expect(flow.mails()).toStrictEqual(onceEach(15));
      });

      test('of two imports at once that share people, each person is made once and welcomed once', async () => {
        const ids = [(await flow.begin(people(30))).head.id, (await flow.begin(people(30, 16))).head.id];
        await flow.run();
        const [first, second] = [await flow.summary(present(ids[0])), await flow.summary(present(ids[1]))];
        expect([first.rows, second.rows, first.inserted + second.inserted, first.duplicates + second.duplicates]).toStrictEqual([
          30, 30, 45, 15,
        ]);
        expect([first.state, second.state, first.welcomed + second.welcomed]).toStrictEqual(['completed', 'completed', 45]);
        expect(flow.mails()).toStrictEqual(onceEach(45));
      });
    });

    describe('existing users', () => {
      test('are left as they are', async () => {
        await flow.import(people(3));
        expect(await flow.import(csvOf(['New,User002@example.com']))).toMatchObject({ inserted: 0, duplicates: 1, updated: 0 });
        expect(await userNames()).toStrictEqual(['Name 1', 'Name 2', 'Name 3']);
      });

      test('are updated where that is wished for, and not welcomed again', async () => {
        await flow.import(people(3));
        await ports.clock.advance(1_000);
        const csv = csvOf(['New,User002@example.com', lineOf(4)]);
        expect(await flow.import(csv, { options: { onExisting: 'update' } })).toMatchObject({
          inserted: 1,
          updated: 1,
          duplicates: 0,
          welcomed: 1,
        });
        expect((await flow.users()).map(({ name, address }) => [name, address])).toStrictEqual([
          ['Name 1', addressOf(1)],
          ['New', 'User002@example.com'],
          ['Name 3', addressOf(3)],
          ['Name 4', addressOf(4)],
        ]);
        expect(flow.mails().map(([, times]) => times)).toStrictEqual([1, 1, 1, 1]);
      });

      test('who was imported without a welcome gets none later', async () => {
        expect(await flow.import(people(3), { welcome: false }, { mail: false })).toMatchObject({
          state: 'completed',
          welcomed: 0,
          waiting: 0,
        });
        await flow.run();
        expect(await flow.import(people(5))).toMatchObject({ inserted: 2, duplicates: 3, welcomed: 2 });
        expect(await flow.sweep()).toBe(0);
        expect(flow.mails()).toStrictEqual(onceEach(2, 4));
      });

      test('whose welcome waited for a mailer get it when there is one', async () => {
        expect(await flow.import(people(3), {}, { mail: false })).toMatchObject({ state: 'completed', welcomed: 0, waiting: 3 });
        await flow.run();
        expect(flow.mails()).toStrictEqual(onceEach(3));
      });
    });

    describe('at least once', () => {
      const csv = csvOf([...upTo(34).map(lineOf), 'Nobody,', lineOf(5)]);
      const expected = {
        state: 'completed',
        rows: 36,
        inserted: 34,
        duplicates: 1,
        rejected: 1,
        welcomed: 34,
        uncertain: 0,
        failed: 0,
        waiting: 0,
      };

      test('everything that is delivered twice changes nothing', async () => {
        expect(await flow.import(csv, {}, { twice: true })).toMatchObject(expected);
        expect(flow.mails()).toStrictEqual(onceEach(34));
      });

      test.each([
        ['every second', (call: number) => call % 2 === 1],
        ['every third', (call: number) => call % 3 === 0],
        ['the first ten', (call: number) => call <= 10],
      ])('%s acknowledgement that is lost changes nothing', async (_, forgets) => {
        expect(await flow.import(csv, {}, { forgets })).toMatchObject(expected);
        expect(flow.mails()).toStrictEqual(onceEach(34));
      });

      test('a process that dies anywhere leaves nothing undone, and doubles no mail that was not counted as uncertain', async () => {
        let uncertainOnes = 0;
        for (let diesAfter = 1; ; diesAfter += options.crashEvery) {
          const fresh = factory();
          try {
            const { head } = await new Flow(fresh.ports).begin(csv);
            const life = { calls: 0, diesAfter };
            const died = await new Flow(mortal(fresh.ports, life)).run().then(
              () => false,
              (error: unknown) => {
                if (error instanceof Died) return true;
                throw error;
              },
            );
            const next = new Flow(fresh.ports);
            await next.run();
            const summary = await next.summary(head.id);
            expect({ diesAfter, ...summary }).toMatchObject({ ...expected, diesAfter, uncertain: summary.uncertain });
            const mails = next.mails();
            expect(mails.map(([address]) => address)).toStrictEqual(onceEach(34).map(([address]) => address));
            const doubled = mails.filter(([, times]) => times > 1);
            expect(doubled.length).toBeLessThanOrEqual(summary.uncertain);
            expect(Math.max(...mails.map(([, times]) => times))).toBeLessThanOrEqual(2);
            uncertainOnes += summary.uncertain;
            if (!died) break;
          } finally {
            await fresh.close();
          }
        }
        // There were deaths in the middle of sends among them.
        expect(uncertainOnes).toBeGreaterThan(0);
      }, 60_000);
    });

    describe('what cannot be processed', () => {
      const poisoned = (users: UserDirectory): UserDirectory =>
        faulty(users, {
          before: {
            store: (_, batches: readonly RecordBatch[]) => {
              if (batches.some(({ records }) => records.some(({ key }) => key === addressOf(15)))) throw new Error('The row is odd.');
            },
          },
        });

      test('a batch that cannot be stored lies in dead letters, the import is incomplete, and a redrive after the mend completes it', async () => {
        const broken = new Flow({ ...ports, users: poisoned(ports.users) });
        const summary = await broken.import(people(30));
        expect(summary).toMatchObject({ state: 'incomplete', rows: 20, inserted: 20, welcomed: 20, waiting: 0 });
        expect(await ports.deadLetters.list({ importId: summary.import }, 10)).toMatchObject([
          { queue: 'records', cause: 'The row is odd.' },
        ]);

        expect(await redrive(ports.deadLetters, {})).toBe(1);
        await broken.run();
        expect(await broken.summary(summary.import)).toMatchObject({ state: 'incomplete' });

        expect(await redrive(ports.deadLetters, { importId: summary.import })).toBe(1);
        await flow.run();
        expect(await flow.summary(summary.import)).toMatchObject({ state: 'completed', rows: 30, inserted: 30, welcomed: 30 });
        expect([await ports.deadLetters.count({}), (await ports.imports.progress(summary.import)).deadLetters]).toStrictEqual([0, 0]);
        expect(flow.mails()).toStrictEqual(onceEach(30));
      });

      test('an upload that cannot be read lies in dead letters, and a redrive at once after the mend reads it', async () => {
        const rows = {
          ...ports.rows,
          detect: () => Promise.reject(new Error('The disk is damaged.')),
          read: ports.rows.read.bind(ports.rows),
        };
        const broken = new Flow({ ...ports, rows });
        const summary = await broken.import(people(30));
        expect(summary).toMatchObject({ state: 'incomplete', rows: 0 });
        expect(await redrive(ports.deadLetters, {})).toBe(1);
        await flow.run();
        expect(await flow.summary(summary.import)).toMatchObject({ state: 'completed', inserted: 30, welcomed: 30 });
        expect((await ports.imports.progress(summary.import)).deadLetters).toBe(0);
      });

      test('a refused recipient lies in dead letters, and is welcomed after the mend', async () => {
        ports.mailer.answer = ({ to }) => (to === addressOf(2) ? 'refuse' : 'take');
        const summary = await flow.import(people(3));
        expect(summary).toMatchObject({ state: 'completed', welcomed: 2, failed: 1, waiting: 0 });
        expect(await ports.deadLetters.list({}, 10)).toMatchObject([{ queue: 'welcomes', code: 'mail-refused', importId: summary.import }]);
        ports.mailer.answer = () => 'take';
        expect(await redrive(ports.deadLetters, {})).toBe(1);
        await flow.run();
        expect(await flow.summary(summary.import)).toMatchObject({ welcomed: 3, failed: 0 });
        expect(flow.mails()).toStrictEqual(onceEach(3));
      });

      test('a mail server that takes nothing for a while is waited for', async () => {
        let pauses = 3;
        ports.mailer.answer = (): MemoryAnswer => (pauses-- > 0 ? 'pause' : 'take');
        expect(await flow.import(people(12))).toMatchObject({ welcomed: 12, failed: 0, uncertain: 0 });
        expect(flow.mails()).toStrictEqual(onceEach(12));
      });

      test('a send without an answer is made once more, and then left alone', async () => {
        const sends = new Map<string, number>();
        ports.mailer.answer = ({ to }): MemoryAnswer => {
          const send = (sends.get(to) ?? 0) + 1;
          sends.set(to, send);
          if (to === addressOf(1)) return send === 1 ? 'lose' : 'take';
          return to === addressOf(2) ? 'be-uncertain' : 'take';
        };
        const summary = await flow.import(people(3));
        expect(summary).toMatchObject({ state: 'completed', welcomed: 2, uncertain: 2, failed: 0, waiting: 0 });
        expect([...sends.values()].sort()).toStrictEqual([1, 2, 2]);
        expect(flow.mails()).toStrictEqual([
          [addressOf(1), 1],
          [addressOf(2), 2],
          [addressOf(3), 1],
        ]);
        expect(await flow.sweep()).toBe(0);
      });

      test('a welcome whose message was lost is found by the sweep', async () => {
        await flow.import(people(60), {}, { mail: false });
        const [lost] = await ports.welcomeSource.receive(1, 0);
        await ports.welcomeSource.acknowledge([present(lost).receipt]);
        await flow.run();
        expect(flow.mails().length).toBeLessThan(60);
        expect(await flow.sweep()).toBeGreaterThan(0);
        expect(flow.mails()).toStrictEqual(onceEach(60));
        expect(await flow.sweep()).toBe(0);
      });
    });
  });
}
