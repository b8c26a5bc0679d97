import { beforeEach, describe, expect, test } from '@jest/globals';
import { acknowledged, type Stage, type Verdict } from '../../src/entrypoints/stages/stage.ts';
import { runLane } from '../../src/entrypoints/worker/lane.ts';
import { QueueUnavailable } from '../../src/ports/message-queue.ts';
import type { Delivery, MessageSource } from '../../src/ports/message-source.ts';
import type { UploadMessage } from '../../src/ports/vocabulary.ts';
import { upTo } from '../contracts/world.ts';
import { faulty } from '../domain/faulty.ts';
import { MemoryWorld, visibilityMs } from '../domain/world.ts';
import { raising } from '../stages/deliveries.ts';
import { lanePorts } from './watching.ts';

const away = new QueueUnavailable('away');

let world: MemoryWorld;
let ports: ReturnType<typeof lanePorts>;
let stop: AbortController;
/** The ids that the stage got, call by call. */
let calls: string[][];
beforeEach(() => {
  world = new MemoryWorld();
  ports = lanePorts(world);
  stop = new AbortController();
  calls = [];
});

const send = (...ids: readonly string[]) => world.uploadQueue.send(ids.map((importId) => ({ body: { importId } })));
const idOf = ({ content }: Delivery<UploadMessage>) => (content.ours && 'importId' in content.message ? content.message.importId : '?');

/** Runs a lane over a stage that answers so. */
function run(
  handle: (id: string, stopped: { readonly aborted: boolean }) => Verdict | Promise<Verdict>,
  most = 1,
  source: MessageSource<UploadMessage> = world.uploadQueue,
) {
  const stage: Stage<UploadMessage> = {
    name: 'process-csv',
    handle: (deliveries, signal) => {
      calls.push(deliveries.map(idOf));
      return Promise.all(deliveries.map(async (delivery) => handle(idOf(delivery), signal)));
    },
  };
  return runLane(ports, source, stage, { most }, stop.signal);
}

/** Stops the lane, which then has to end. */
async function stopped(lane: Promise<void>): Promise<void> {
  stop.abort();
  await lane;
}

describe('runLane', () => {
  test('messages are handled in turn, and those that are acknowledged do not come again', async () => {
    const lane = run(() => acknowledged);
    await send('a', 'b');
    await world.advance(0);
    await send('c');
    await world.advance(visibilityMs * 2);
    expect(calls).toStrictEqual([['a'], ['b'], ['c']]);
    expect(world.uploadQueue.texts()).toStrictEqual([]);
    await stopped(lane);
  });

  test('no more than the given number are handled at once, and nothing is received before they are done', async () => {
    const done: (() => void)[] = [];
    await send(...upTo(5).map(String));
    const lane = run(() => new Promise((resolve) => done.push(() => resolve(acknowledged))), 2);
    await world.advance(0);
    expect(calls).toStrictEqual([['1', '2']]);
    expect(await world.uploadQueue.depth()).toMatchObject({ ready: 3, inFlight: 2 });
    done[0]?.();
    await world.advance(0);
    expect(calls).toHaveLength(1);
    done[1]?.();
    await world.advance(0);
    expect(calls).toStrictEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    for (const end of done) end();
    await world.advance(0);
    done[4]?.();
    await stopped(lane);
    expect(world.uploadQueue.texts()).toStrictEqual([]);
  });

  test('a released message comes again after its delay, and the reason is logged', async () => {
    await send('a', 'b');
    const odd = new Error('odd');
    let tries = 0;
    const lane = run((id) => (id === 'a' && tries++ === 0 ? { verdict: 'release', delayMs: 700, error: odd } : acknowledged), 2);
    await world.advance(699);
    expect(calls).toStrictEqual([['a', 'b']]);
    await world.advance(1);
    expect(calls).toStrictEqual([['a', 'b'], ['a']]);
    expect(ports.telemetry.events).toStrictEqual([
      { level: 'error', event: 'message-failed', error: odd, facts: { stage: 'process-csv', message: 'message-1' } },
    ]);
    expect(ports.telemetry.counts.map(({ value, facts }) => [facts['verdict'], value])).toStrictEqual([
      ['acknowledge', 1],
      ['release', 1],
      ['acknowledge', 1],
      ['release', 0],
    ]);
    await stopped(lane);
  });

  test('a release without a reason is not logged', async () => {
    await send('a');
    const lane = run(() => ({ verdict: 'release', delayMs: 1_000 }));
    await world.advance(0);
    expect(ports.telemetry.events).toStrictEqual([]);
    await stopped(lane);
  });

  test('while a stage works long its messages stay invisible to others', async () => {
    await send('a');
    const lane = run(() => world.clock.sleep(visibilityMs * 3).then(() => acknowledged));
    for (let part = 1; part <= 11; part++) {
      await world.advance(visibilityMs / 4);
      expect(await world.uploadQueue.receive(1, 0)).toStrictEqual([]);
    }
    await world.advance(visibilityMs);
    expect(calls).toStrictEqual([['a']]);
    expect(world.uploadQueue.texts()).toStrictEqual([]);
    await stopped(lane);
    expect(world.clock.nextWakeAt()).toBeUndefined();
  });

  test('where they cannot be kept invisible that is logged, and the stage goes on', async () => {
    await send('a');
    const source = faulty(world.uploadQueue, { before: { extend: raising(away) } });
    const lane = run(() => world.clock.sleep(visibilityMs / 2).then(() => acknowledged), 1, source);
    await world.advance(visibilityMs / 2);
    expect(ports.telemetry.events).toStrictEqual([{ level: 'error', event: 'extend-failed', error: away, facts: {} }]);
    expect(world.uploadQueue.texts()).toStrictEqual([]);
    await stopped(lane);
  });

  test('in trouble it slows down, more with every round, and recovers at once', async () => {
    await send(...upTo(5).map(String));
    const at: number[] = [];
    const started = world.now();
    const lane = run((id) => {
      at.push(world.now() - started);
      return Number(id) < 4 ? { verdict: 'acknowledge', trouble: away } : acknowledged;
    });
    await world.advance(10_000);
    expect(at).toStrictEqual([0, 250, 750, 1_750, 1_750]);
    expect(ports.heardAll).toStrictEqual([
      ...upTo(3).map(() => ['process-csv', 'away']),
      ['process-csv', undefined],
      ['process-csv', undefined],
    ]);
    expect(ports.telemetry.events).toMatchObject(
      upTo(3).map(() => ({ level: 'warn', event: 'trouble', facts: { stage: 'process-csv', cause: 'away' } })),
    );
    await stopped(lane);
  });

  test('a queue that does not answer is asked again, ever later', async () => {
    const at: number[] = [];
    const started = world.now();
    const source = faulty(world.uploadQueue, {
      before: {
        receive: (call) => {
          at.push(world.now() - started);
          if (call <= 3) throw away;
        },
      },
    });
    const lane = run(() => acknowledged, 1, source);
    await world.advance(2_000);
    // Once it answers, that is told at once, and then it is waited for again.
    expect(at).toStrictEqual([0, 250, 750, 1_750, 1_750]);
    expect(ports.heardAll.map(([, trouble]) => trouble)).toStrictEqual(['away', 'away', 'away', undefined]);
    await send('a');
    await world.advance(0);
    expect(calls).toStrictEqual([['a']]);
    await stopped(lane);
  });

  test('an acknowledgement that fails is no loss: the message comes again', async () => {
    await send('a');
    const source = faulty(world.uploadQueue, { before: { acknowledge: (call) => (call === 1 ? raising(away)() : undefined) } });
    const lane = run(() => acknowledged, 1, source);
    await world.advance(visibilityMs);
    expect(calls).toStrictEqual([['a'], ['a']]);
    expect(world.uploadQueue.texts()).toStrictEqual([]);
    expect(ports.heardAll[0]).toStrictEqual(['process-csv', 'away']);
    await stopped(lane);
  });

  test('a stop lets the message under way be finished, and takes no other one', async () => {
    await send('a', 'b');
    let told = false;
    const lane = run(async (_, signal) => {
      await world.clock.sleep(1_000);
      told = signal.aborted;
      return acknowledged;
    });
    await world.advance(500);
    stop.abort();
    await world.advance(500);
    await lane;
    expect([calls, told]).toStrictEqual([[['a']], true]);
    expect(await world.uploadQueue.depth()).toStrictEqual({ ready: 1, inFlight: 0, delayed: 0 });
  });

  test('a stop ends a wait for messages, and a wait in trouble, at once', async () => {
    await stopped(run(() => acknowledged));
    stop = new AbortController();
    await send('a');
    const lane = run(() => ({ verdict: 'acknowledge', trouble: away }));
    await world.advance(100);
    await stopped(lane);
    expect(world.clock.nextWakeAt()).toBeUndefined();
  });

  test.each([
    ['of the stage', () => run(() => Promise.reject(new TypeError('odd')))],
    ['of the queue', () => run(() => acknowledged, 1, faulty(world.uploadQueue, { before: { receive: raising(new TypeError('odd')) } }))],
  ])('a defect %s is raised, and leaves no heartbeat behind', async (_, runDefect) => {
    await send('a');
    await expect(runDefect()).rejects.toThrow(new TypeError('odd'));
    expect(world.clock.nextWakeAt()).toBeUndefined();
  });
});
