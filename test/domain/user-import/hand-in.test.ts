import { beforeEach, describe, expect, test } from '@jest/globals';
import { handIn } from '../../../src/domain/user-import/hand-in.ts';
import type { QueueName, Upload } from '../../../src/ports/vocabulary.ts';
import { faulty } from '../faulty.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

let world: MemoryWorld;
let done: string[];
beforeEach(() => {
  world = new MemoryWorld();
  done = [];
});

/** Hands the file in, as it was taken now. */
async function handed(parts: { readonly again?: boolean } = {}) {
  const upload = await world.upload([['name', 'email']]);
  const uploads = faulty(world.uploads, { before: { markDone: (_, { location }: Upload) => done.push(location) } });
  const { imports, uploadQueue, ids, clock, deadLetters } = world;
  const ports = { imports, uploadQueue, ids, clock, deadLetters, uploads };
  return { upload, ...(await handIn(ports, { upload, options: noOptions, welcome: true, again: false, ...parts })) };
}

const failed = (queue: QueueName, importId: string) =>
  world.deadLetters.put([{ id: `${queue} of ${importId}`, queue, text: '{}', code: 'x', cause: 'Why.', importId, at: 1 }]);

describe('a file that is handed in', () => {
  test('for the first time has its import begun, and nothing else', async () => {
    await failed('records', 'another');
    expect(await handed()).toMatchObject({ how: 'started' });
    expect([done, await world.deadLetters.count({})]).toStrictEqual([[], 1]);
  });

  test('again, lying elsewhere, is read from there: the former upload is let go of', async () => {
    const first = await handed();
    expect(await handed()).toMatchObject({ how: 'resumed', head: { id: first.head.id } });
    expect(done).toStrictEqual([first.upload.location]);
  });

  test('again sends back what failed of its import before its users were stored, and nothing else', async () => {
    const { head } = await handed();
    for (const queue of ['uploads', 'records', 'welcomes'] as const) await failed(queue, head.id);
    await failed('records', 'another');
    await handed();
    const left = await world.deadLetters.list({}, 10);
    expect(left.map(({ id }) => id).sort()).toStrictEqual(['records of another', `welcomes of ${head.id}`]);
  });

  test('again when its import is ended changes nothing', async () => {
    const { head } = await handed();
    await failed('records', head.id);
    await world.imports.replace({ ...head, state: 'completed' });
    expect(await handed()).toMatchObject({ how: 'ended' });
    expect([done, await world.deadLetters.count({})]).toStrictEqual([[], 1]);
  });
});
