import { beforeEach, describe, expect, test } from '@jest/globals';
import { released } from '../../src/domain/user-import/import.ts';
import { startImport } from '../../src/domain/user-import/start-import.ts';
import { processCsvStage, type ProcessCsvOptions, type ProcessCsvStagePorts } from '../../src/entrypoints/stages/process-csv.ts';
import { acknowledged, type Verdict } from '../../src/entrypoints/stages/stage.ts';
import { LedgerUnavailable } from '../../src/ports/import-ledger.ts';
import { QueueUnavailable } from '../../src/ports/message-queue.ts';
import { UploadMissing } from '../../src/ports/upload-store.ts';
import type { RowReader } from '../../src/ports/row-reader.ts';
import { present, upTo } from '../contracts/world.ts';
import { faulty } from '../domain/faulty.ts';
import { noOptions } from '../domain/plain.ts';
import { MemoryWorld } from '../domain/world.ts';
import { deliveryOf, longest, nobody, raising, unreadable } from './deliveries.ts';

const options: ProcessCsvOptions = { limits: { rows: 10, bytes: 100_000 } };

let world: MemoryWorld;
let ports: ProcessCsvStagePorts;
let importId: string;
beforeEach(async () => {
  world = new MemoryWorld();
  const { imports, uploads, rows, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids } = world;
  ports = { imports, uploads, rows, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids, random: longest };
  const upload = await world.upload([['name', 'email'], ...upTo(60).map((n) => ['Name', `user${n}@example.com`])]);
  ({ id: importId } = (await startImport(world, { upload, options: noOptions, welcome: true, again: false })).head);
  const [started] = await world.uploadQueue.receive(1, 0);
  await world.uploadQueue.acknowledge([present(started).receipt]);
});

async function handle(
  parts: Partial<ProcessCsvStagePorts> = {},
  of: Partial<ProcessCsvOptions> = {},
  stop: AbortSignal = nobody,
  id = 'm1',
): Promise<Verdict | undefined> {
  const [verdict] = await processCsvStage({ ...ports, ...parts }, { ...options, ...of }).handle([deliveryOf({ importId }, { id })], stop);
  return verdict;
}

const head = async () => present(await world.imports.find(importId));
const letters = () => world.deadLetters.list({}, 10);

/** Time passes with every row that is read. */
function slowly(msPerRow: number): RowReader {
  return {
    detect: () => world.rows.detect(),
    async *read(...args) {
      for await (const block of world.rows.read(...args)) {
        await world.advance(msPerRow);
        yield block;
      }
    },
  };
}

describe('process-csv', () => {
  test('has its name', () => {
    expect(processCsvStage(ports, options).name).toBe('process-csv');
  });

  test('an upload is read, and acknowledged when all its batches are sent', async () => {
    expect(await handle()).toStrictEqual(acknowledged);
    expect(world.records.texts()).toHaveLength(6);
    expect((await head()).state).toBe('read');
  });

  test('while another message reads it, it comes again: that one may yet die', async () => {
    const stop = new AbortController();
    const reading = handle({ rows: slowly(100) }, {}, stop.signal);
    while ((await head()).lease === undefined) await Promise.resolve();
    expect(await handle({}, {}, nobody, 'm2')).toMatchObject({ verdict: 'release', delayMs: expect.any(Number) });
    expect(await reading).toStrictEqual(acknowledged);
    expect(await handle({}, {}, nobody, 'm2')).toStrictEqual(acknowledged);
    expect((await head()).state).toBe('read');
  });

  test('where another delivery of the same message has overtaken it, it comes again: that one may yet die', async () => {
    const reading = handle({ rows: slowly(100) }, {});
    while ((await head()).lease === undefined) await Promise.resolve();
    await world.imports.replace(released(await head()));
    expect(await reading).toMatchObject({ verdict: 'release', delayMs: expect.any(Number) });
    expect(await handle()).toStrictEqual(acknowledged);
    expect((await head()).state).toBe('read');
  });

  test('at its deadline a continuation is sent, and only then it is acknowledged', async () => {
    expect(await handle({ rows: slowly(100) }, { legMs: 2_500 })).toStrictEqual(acknowledged);
    expect(await head()).toMatchObject({ state: 'reading', checkpoint: { row: 20 } });
    expect((await head()).lease).toBeUndefined();
    expect(world.uploadQueue.texts()).toStrictEqual([JSON.stringify({ importId })]);
  });

  test('a continuation that cannot be sent leaves the message on its queue', async () => {
    const error = new QueueUnavailable('away');
    const uploadQueue = faulty(world.uploadQueue, { before: { send: raising(error) } });
    expect(await handle({ rows: slowly(100), uploadQueue }, { legMs: 2_500 })).toStrictEqual({
      verdict: 'release',
      delayMs: 250,
      error,
      trouble: error,
    });
  });

  test('legs follow each other to the end', async () => {
    for (let leg = 1; (await head()).state === 'reading'; leg++) {
      expect(leg).toBeLessThan(10);
      expect(await handle({ rows: slowly(100) }, { legMs: 2_500 }, nobody, `m${leg}`)).toStrictEqual(acknowledged);
    }
    expect(new Set(world.records.texts()).size).toBe(6);
    expect(world.records.texts()).toHaveLength(6);
  });

  test('a leg that comes no further fails, and at last lies in dead letters', async () => {
    const fates: unknown[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      const verdict = await handle({ rows: slowly(100) }, { legMs: 500 });
      fates.push(verdict?.verdict === 'release' ? [verdict.delayMs, (verdict.error as Error).name] : verdict?.verdict);
    }
    expect(fates).toStrictEqual([[200, 'NoProgress'], [600, 'NoProgress'], [1_800, 'NoProgress'], [5_400, 'NoProgress'], 'acknowledge']);
    expect(await letters()).toMatchObject([{ cause: `Import ${importId} came no further within 500 ms.`, code: 'unexpected-error' }]);
  });

  test('stopped, it goes back to its queue at once', async () => {
    expect(await handle({}, {}, AbortSignal.abort())).toStrictEqual({ verdict: 'release', delayMs: 0 });
    expect((await head()).lease).toBeUndefined();
  });

  test.each([
    [
      'the ledger',
      new LedgerUnavailable('away'),
      (error: Error) => ({ imports: faulty(world.imports, { before: { find: raising(error) } }) }),
    ],
    [
      'the queue',
      new QueueUnavailable('away'),
      (error: Error) => ({ records: faulty(world.records, { before: { send: raising(error) } }) }),
    ],
  ])('where %s is away it comes again later, and no attempt is counted', async (_, error, partsOf) => {
    for (let attempt = 1; attempt <= 6; attempt++) {
      expect(await handle(partsOf(error))).toStrictEqual({ verdict: 'release', delayMs: 250, error, trouble: error });
    }
    expect(await letters()).toStrictEqual([]);
    expect(await handle()).toStrictEqual(acknowledged);
  });

  test('what no attempt can mend lies in dead letters at once, and can be read as soon as it is sent back', async () => {
    const error = new UploadMissing('people.csv is gone.', { hint: 'Put it back.' });
    expect(await handle({ rows: unopened(error) })).toStrictEqual(acknowledged);
    expect(await letters()).toMatchObject([
      { queue: 'uploads', text: JSON.stringify({ importId }), code: 'upload-missing', cause: 'people.csv is gone.', importId },
    ]);
    expect((await world.imports.progress(importId)).deadLetters).toBe(1);
    // At once, and under another id: what is sent back is a new message.
    expect(await handle({}, {}, nobody, 'm2')).toStrictEqual(acknowledged);
    expect((await head()).state).toBe('read');
    expect((await world.imports.progress(importId)).deadLetters).toBe(0);
  });

  test('an import that nobody knows lies in dead letters', async () => {
    const [verdict] = await processCsvStage(ports, options).handle([deliveryOf({ importId: 'nowhere' })], nobody);
    expect(verdict).toStrictEqual(acknowledged);
    expect(await letters()).toMatchObject([{ code: 'import-unknown', cause: 'There is no import nowhere.' }]);
  });

  test('a text that is no message lies in dead letters, and the others are read', async () => {
    const verdicts = await processCsvStage(ports, options).handle([unreadable(), deliveryOf({ importId })], nobody);
    expect(verdicts).toStrictEqual([acknowledged, acknowledged]);
    expect(await letters()).toMatchObject([{ queue: 'uploads', code: 'unreadable-message', text: 'gibberish' }]);
    expect((await head()).state).toBe('read');
  });
});

/** A reader that fails as the bytes do. */
function unopened(error: Error): RowReader {
  return { detect: () => Promise.reject(error), read: (...args) => world.rows.read(...args) };
}
