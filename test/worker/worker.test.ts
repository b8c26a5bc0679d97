import { beforeEach, describe, expect, test } from '@jest/globals';
import { newImport } from '../../src/domain/user-import/import.ts';
import { acknowledged, type Stage } from '../../src/entrypoints/stages/stage.ts';
import { runFeedLane } from '../../src/entrypoints/worker/feed-lane.ts';
import { isIdle, runWorker, type WorkerPorts, type WorkerStages } from '../../src/entrypoints/worker/worker.ts';
import { LedgerUnavailable } from '../../src/ports/import-ledger.ts';
import { QueueUnavailable } from '../../src/ports/message-queue.ts';
import type { RecordBatch, WelcomeMessage } from '../../src/ports/vocabulary.ts';
import { batchOf, recordsOf } from '../contracts/batches.ts';
import { present, upTo } from '../contracts/world.ts';
import { faulty } from '../domain/faulty.ts';
import { noOptions } from '../domain/plain.ts';
import { MemoryWorld, visibilityMs } from '../domain/world.ts';
import { raising } from '../stages/deliveries.ts';
import { lanePorts } from './watching.ts';

let world: MemoryWorld;
let ports: WorkerPorts & ReturnType<typeof lanePorts>;
let stop: AbortController;
beforeEach(() => {
  world = new MemoryWorld();
  stop = new AbortController();
  const { ids, users, feed, imports, ledger, welcomes, welcomeSource, uploadQueue, records } = world;
  ports = {
    ...lanePorts(world),
    ids,
    users,
    feed,
    imports,
    ledger,
    welcomes,
    welcomeSource,
    uploadSource: uploadQueue,
    recordsSource: records,
  };
});

const options = { insertMost: 10, sendLanes: 3, sweepMs: 60_000 };

/** Reads nothing until it is stopped. */
const idleReader = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const insertStage = (handle: Stage<RecordBatch>['handle']): Stage<RecordBatch> => ({ name: 'insert-records', handle });
const acknowledgeAll: Stage<RecordBatch>['handle'] = (deliveries) => Promise.resolve(deliveries.map(() => acknowledged));

const run = (stages: Partial<WorkerStages> = {}, parts: Partial<WorkerPorts> = {}) =>
  runWorker({ ...ports, ...parts }, { read: idleReader, insertRecords: insertStage(acknowledgeAll), ...stages }, options, stop.signal);

/** A user whose welcome was lost on its way. */
async function lostWelcome(): Promise<void> {
  const upload = { identity: 'i', location: 'l', name: 'n', size: 1 };
  await world.imports.create(newImport('import-a', upload, noOptions, true, undefined, 1_000));
  await world.users.store([batchOf(recordsOf(1))]);
  await world.imports.record([{ importId: 'import-a', firstRow: 1, outcomes: ['inserted'], rejections: [] }]);
  await world.feed.advance(await world.feed.receive(10, 0));
}

describe('runWorker', () => {
  test('records are stored, users announced, and welcomes sent, as many at once as there are lanes', async () => {
    let underWay = 0;
    let most = 0;
    const seen: string[] = [];
    const sendEmail: Stage<WelcomeMessage> = {
      name: 'send-email',
      handle: async (deliveries) => {
        most = Math.max(most, ++underWay);
        await world.clock.sleep(1_000);
        underWay--;
        seen.push(...deliveries.flatMap(({ content }) => (content.ours ? content.message.recipients.map(({ address }) => address) : [])));
        return deliveries.map(() => acknowledged);
      },
    };
    const insertRecords = insertStage(async (deliveries) => {
      await world.users.store(deliveries.flatMap(({ content }) => (content.ours ? [content.message] : [])));
      return deliveries.map(() => acknowledged);
    });
    const working = run({ insertRecords, sendEmail });
    await world.records.send([{ body: batchOf(recordsOf(500)) }]);
    await world.advance(10_000);
    expect([seen.length, new Set(seen).size, most]).toStrictEqual([500, 500, 3]);
    expect(await isIdle(ports, true)).toBe(true);
    stop.abort();
    await working;
    expect(world.clock.nextWakeAt()).toBeUndefined();
  });

  test('where nothing is sent, welcomes wait', async () => {
    await world.users.store([batchOf(recordsOf(1))]);
    const working = run();
    await world.advance(120_000);
    expect(await world.welcomes.depth()).toStrictEqual({ ready: 1, inFlight: 0, delayed: 0 });
    stop.abort();
    await working;
  });

  test('batches are stored until reading has come to its safe point', async () => {
    const stored: number[] = [];
    const insertRecords = insertStage((deliveries) => {
      stored.push(...deliveries.flatMap(({ content }) => (content.ours ? [content.message.firstRow] : [])));
      return acknowledgeAll(deliveries, stop.signal);
    });
    const read = async (signal: AbortSignal) => {
      await idleReader(signal);
      await world.records.send([{ body: batchOf(recordsOf(1, 11)) }]);
      await world.clock.sleep(5_000);
    };
    const working = run({ read, insertRecords });
    await world.advance(1_000);
    stop.abort();
    await world.advance(5_000);
    await working;
    expect(stored).toStrictEqual([11]);
  });

  test('a defect in one lane ends all others at a safe point, and is raised', async () => {
    const ended: string[] = [];
    const read = async (signal: AbortSignal) => {
      await idleReader(signal);
      ended.push('read');
    };
    const working = run({ read, insertRecords: insertStage(() => Promise.reject(new TypeError('odd'))) });
    const outcome = working.then(
      () => 'ended',
      (error: unknown) => error,
    );
    await world.advance(1_000);
    expect(ended).toStrictEqual([]);
    await world.records.send([{ body: batchOf(recordsOf(1)) }]);
    await world.advance(1);
    expect(await outcome).toStrictEqual(new TypeError('odd'));
    expect(ended).toStrictEqual(['read']);
    expect(world.clock.nextWakeAt()).toBeUndefined();
    await world.advance(visibilityMs);
    expect(await world.records.receive(1, 0)).toHaveLength(1);
  });

  test.each([
    ['reading', { stages: { read: () => Promise.reject(new TypeError('odd')) } }],
    ['the feed', { feed: raising(new TypeError('odd')) }],
    ['the sweep', { imports: raising(new TypeError('odd')) }],
  ])(
    'a defect in %s is raised too',
    async (_, { stages, feed, imports }: { stages?: Partial<WorkerStages>; feed?: () => never; imports?: () => never }) => {
      const working = run(stages, {
        ...(feed && { feed: faulty(world.feed, { before: { receive: feed } }) }),
        ...(imports && { imports: faulty(world.imports, { before: { list: imports } }) }),
      });
      working.catch(() => undefined);
      await world.advance(options.sweepMs);
      await expect(working).rejects.toThrow(new TypeError('odd'));
    },
  );

  test('lost welcomes are looked for every so often', async () => {
    await lostWelcome();
    const working = run();
    await world.advance(options.sweepMs - 1);
    expect(world.welcomes.texts()).toHaveLength(0);
    await world.advance(1);
    expect(world.welcomes.texts()).toHaveLength(1);
    expect(ports.telemetry.events).toStrictEqual([{ level: 'warn', event: 'swept', facts: { announced: 1 } }]);
    // One is on its way now: nothing more is announced, and nothing said.
    await world.advance(options.sweepMs * 3);
    expect([world.welcomes.texts().length, ports.telemetry.events.length]).toStrictEqual([1, 1]);
    stop.abort();
    await working;
  });

  test('a look that fails because a service is away is made again', async () => {
    await lostWelcome();
    const imports = faulty(world.imports, {
      before: { list: (call) => (call === 1 ? raising(new LedgerUnavailable('away'))() : undefined) },
    });
    const working = run({}, { imports });
    await world.advance(options.sweepMs);
    expect(ports.heardAll).toContainEqual(['sweep', 'away']);
    await world.advance(options.sweepMs);
    expect(world.welcomes.texts()).toHaveLength(1);
    stop.abort();
    await working;
  });

  test('a stop ends everything at once where nothing is under way', async () => {
    const working = run();
    await world.advance(10);
    stop.abort();
    await working;
    expect(world.clock.nextWakeAt()).toBeUndefined();
  });
});

describe('the feed lane', () => {
  test('announces as users come, and tells that all is well', async () => {
    const lane = runFeedLane(ports, stop.signal);
    await world.users.store([batchOf(recordsOf(2))]);
    await world.advance(0);
    await world.users.store([batchOf(recordsOf(1, 3))]);
    await world.advance(60_000);
    expect(world.welcomes.texts()).toHaveLength(2);
    expect(ports.heardAll).toStrictEqual(upTo(2).map(() => ['announce', undefined]));
    stop.abort();
    await lane;
  });

  test('in trouble it waits, ever longer, and loses nobody', async () => {
    await world.users.store([batchOf(recordsOf(2))]);
    const at: number[] = [];
    const started = world.now();
    const feed = faulty(world.feed, {
      before: {
        receive: (call) => {
          at.push(world.now() - started);
          if (call <= 3) throw new QueueUnavailable('away');
        },
      },
    });
    const lane = runFeedLane({ ...ports, feed }, stop.signal);
    await world.advance(2_000);
    expect(at.slice(0, 4)).toStrictEqual([0, 250, 750, 1_750]);
    expect(ports.heardAll).toStrictEqual([...upTo(3).map(() => ['announce', 'away']), ['announce', undefined]]);
    expect(world.welcomes.texts()).toHaveLength(1);
    stop.abort();
    await lane;
  });

  test('a defect is raised', async () => {
    const feed = faulty(world.feed, { before: { receive: raising(new TypeError('odd')) } });
    await expect(runFeedLane({ ...ports, feed }, stop.signal)).rejects.toThrow('odd');
  });
});

describe('isIdle', () => {
  test('an empty world is', async () => {
    expect([await isIdle(ports, true), await isIdle(ports, false)]).toStrictEqual([true, true]);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['an upload', () => world.uploadQueue.send([{ body: { importId: 'x' } }])],
    ['a batch', () => world.records.send([{ body: batchOf([]) }])],
    ['a delayed batch', () => world.records.send([{ body: batchOf([]), delayMs: 1_000 }])],
    ['a batch in flight', () => world.records.send([{ body: batchOf([]) }]).then(() => world.records.receive(1, 0))],
    ['a user to announce', () => world.users.store([batchOf(recordsOf(1))])],
  ])('one with %s is not', async (_, put) => {
    await put();
    expect([await isIdle(ports, true), await isIdle(ports, false)]).toStrictEqual([false, false]);
  });

  test('an upload that waits counts only while an import is still to be read: else the message is left over', async () => {
    const upload = { identity: 'i', location: 'l', name: 'n', size: 1 };
    await world.imports.create(newImport('done', upload, noOptions, true, undefined, 1_000));
    await world.imports.replace({ ...present(await world.imports.find('done')), state: 'completed' });
    await world.uploadQueue.send([{ body: { importId: 'done' }, delayMs: 1_000 }]);
    expect(await isIdle(ports, true)).toBe(true);
    await world.imports.create(newImport('open', upload, noOptions, true, undefined, 1_000));
    expect(await isIdle(ports, true)).toBe(false);
  });

  test('welcomes count only for those who send', async () => {
    await world.welcomes.send([{ body: { recipients: [] }, delayMs: 1_000 }]);
    expect([await isIdle(ports, true), await isIdle(ports, false)]).toStrictEqual([false, true]);
  });
});
