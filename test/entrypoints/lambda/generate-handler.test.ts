import { beforeEach, describe, expect, test } from '@jest/globals';
import { generateHandler, type GeneratedImport } from '../../../src/entrypoints/lambda/generate-handler.ts';
import { insertRecords } from '../../../src/domain/user-import/insert-records.ts';
import { QueueUnavailable } from '../../../src/ports/message-queue.ts';
import type { RecordBatch } from '../../../src/ports/vocabulary.ts';
import { present } from '../../contracts/world.ts';
import { faulty } from '../../domain/faulty.ts';
import { MemoryWorld } from '../../domain/world.ts';
import { lasting, RecordedTelemetry } from './invocations.ts';

let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

function generate(event: unknown, parts: { readonly records?: MemoryWorld['records'] } = {}): Promise<GeneratedImport> {
  const { imports, records, syntax, ids, clock } = world;
  const handler = generateHandler(
    { imports, records, syntax, ids, clock, telemetry: new RecordedTelemetry(), ...parts },
    { rows: 10, bytes: 100_000 },
  );
  return handler(event, lasting(300_000));
}
const batches = () => world.records.texts().map((text) => JSON.parse(text) as RecordBatch);

describe('generate-users', () => {
  test('users of a seed go to the records queue, and their import completes when they are stored', async () => {
    const made = await generate({ count: 1_005, seed: 7, welcome: true });
    expect(made).toMatchObject({ how: 'started', users: 1_005, batches: 101 });
    expect(await world.imports.find(made.import)).toMatchObject({ state: 'read', batches: 101, welcome: true });
    expect(batches()).toHaveLength(101);
    await insertRecords(world, batches());
    expect(present(await world.imports.find(made.import)).state).toBe('completed');
    expect(await world.imports.progress(made.import)).toMatchObject({ inserted: 1_005, rejected: 0, duplicates: 0 });
    expect(await world.feed.depth()).toBe(1_005);
  });

  test('nobody is welcomed unless that is asked for', async () => {
    await generate({ count: 3, seed: 7 });
    expect(batches()).toMatchObject([{ welcome: false }]);
  });

  test('the same call makes the same people and the same import', async () => {
    const first = await generate({ count: 25, seed: 7 });
    const sent = batches();
    expect(await generate({ count: 25, seed: 7 })).toStrictEqual({ ...first, how: 'resumed' });
    expect(batches()).toStrictEqual([...sent, ...sent]);
    await insertRecords(world, sent);
    expect(await generate({ count: 25, seed: 7 })).toStrictEqual({ ...first, how: 'ended' });
    expect(batches()).toHaveLength(6);
  });

  test('no more batches are held than one call of the queue takes', async () => {
    const calls: number[] = [];
    const records = faulty(world.records, { before: { send: (_, messages) => calls.push(messages.length) } });
    await generate({ count: 1_300, seed: 7 }, { records });
    expect(calls).toStrictEqual([64, 64, 2]);
  });

  test('another seed makes others', async () => {
    await generate({ count: 5, seed: 1 });
    await generate({ count: 5, seed: 2 });
    expect(new Set(batches().flatMap(({ records }) => records.map(({ key }) => key))).size).toBe(10);
  });

  test('where the queue is away the call fails, and the next one goes on', async () => {
    const records = faulty(world.records, {
      before: { send: (call) => (call === 1 ? Promise.reject(new QueueUnavailable('away')) : undefined) },
    });
    await expect(generate({ count: 25, seed: 7 }, { records })).rejects.toThrow('away');
    expect(await generate({ count: 25, seed: 7 }, { records })).toMatchObject({ how: 'resumed' });
    expect(batches()).toHaveLength(3);
  });

  test.each([
    ['nothing', undefined, 'it'],
    ['no count', { seed: 1 }, 'count'],
    ['a count of none', { count: 0, seed: 1 }, 'count'],
    ['a broken count', { count: 1.5, seed: 1 }, 'count'],
    ['too many', { count: 10_000_001, seed: 1 }, 'count'],
    ['a seed in words', { count: 1, seed: 'seven' }, 'seed'],
    ['an unknown wish', { count: 1, seed: 1, welcomes: true }, 'it'],
  ])('an event with %s is refused, with what it has to be', async (_, event, at) => {
    await expect(generate(event)).rejects.toMatchObject({ name: 'UnknownEvent' });
    await expect(generate(event)).rejects.toThrow(`The event has to be {"count":COUNT,"seed":SEED,"welcome":true or false}; ${at}: `);
    expect(batches()).toStrictEqual([]);
  });
});
