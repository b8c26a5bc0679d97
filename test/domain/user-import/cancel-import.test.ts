import { beforeEach, describe, expect, test } from '@jest/globals';
import { cancelImport } from '../../../src/domain/user-import/cancel-import.ts';
import { insertRecords } from '../../../src/domain/user-import/insert-records.ts';
import { letGo } from '../../../src/domain/user-import/let-go.ts';
import { processCsv } from '../../../src/domain/user-import/process-csv.ts';
import { shownState } from '../../../src/domain/user-import/progress.ts';
import { startImport } from '../../../src/domain/user-import/start-import.ts';
import type { ImportHead } from '../../../src/ports/import-ledger.ts';
import type { MessageQueue } from '../../../src/ports/message-queue.ts';
import type { RecordBatch } from '../../../src/ports/vocabulary.ts';
import { present, upTo } from '../../contracts/world.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

const file = [['name', 'email'], ...upTo(100).map((n) => ['Name', `user${n}@example.com`])];
const on = { stop: new AbortController().signal, limits: { rows: 5, bytes: 100_000 } };

let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

async function begun(): Promise<string> {
  const upload = await world.upload(file);
  return (await startImport(world, { upload, options: noOptions, welcome: true, again: false })).head.id;
}
const headOf = async (id: string): Promise<ImportHead> => present(await world.imports.find(id));
const isKept = async ({ upload }: ImportHead): Promise<boolean> => {
  try {
    for await (const _ of world.uploads.open(upload, 0)) return true;
    return true;
  } catch {
    return false;
  }
};

describe('an import that is cancelled', () => {
  test('is not read any more, and its upload is not kept', async () => {
    const id = await begun();
    await world.advance(7);
    expect(await cancelImport(world, id)).toStrictEqual({ end: 'cancelled', head: await headOf(id) });
    const head = await headOf(id);
    expect(head).toMatchObject({ state: 'cancelled', completedAt: world.now() });
    expect(shownState(head, await world.imports.progress(id))).toBe('cancelled');
    expect(await isKept(head)).toBe(false);
    expect(await processCsv(world, id, 'reader', on)).toStrictEqual({ end: 'finished' });
    expect((await world.records.depth()).ready).toBe(0);
  });

  test('amid its reading: the reader lets go, and what it had queued is stored and counted', async () => {
    const id = await begun();
    let calls = 0;
    const records: MessageQueue<RecordBatch> = {
      send: async (messages) => {
        if (++calls === 2) await cancelImport(world, id);
        return world.records.send(messages);
      },
    };
    const { imports, uploads, rows: reader, syntax, clock } = world;
    expect(await processCsv({ imports, uploads, rows: reader, syntax, clock, records }, id, 'reader', on)).toStrictEqual({ end: 'busy' });
    const queued = await world.records.receive(100, 0);
    const batches = queued.flatMap(({ content }) => (content.ours ? [content.message] : []));
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    expect(rows).toBeGreaterThan(0);
    await insertRecords(world, batches);
    expect(await headOf(id)).toMatchObject({ state: 'cancelled' });
    expect((await world.imports.progress(id)).inserted).toBe(rows);
    expect(await world.users.count()).toBe(rows);
  });

  test('stays so, cancelled again; and is begun anew only where that is wished for', async () => {
    const id = await begun();
    await cancelImport(world, id);
    expect(await cancelImport(world, id)).toMatchObject({ end: 'cancelled' });
    const request = { upload: await world.upload(file), options: noOptions, welcome: true };
    expect(await startImport(world, { ...request, again: false })).toStrictEqual({ head: await headOf(id), how: 'ended' });
    const anew = await startImport(world, { ...request, again: true });
    expect(anew.how).toBe('started');
    expect(anew.head.id).not.toBe(id);
  });

  test('whose head another changes at that moment is cancelled all the same', async () => {
    const id = await begun();
    let changes = 3;
    const replace = world.imports.replace.bind(world.imports);
    world.imports.replace = async (head) => {
      if (changes-- > 0) await replace(await headOf(id));
      return replace(head);
    };
    expect(await cancelImport(world, id)).toMatchObject({ end: 'cancelled' });
    expect(await headOf(id)).toMatchObject({ state: 'cancelled', revision: 4 });
  });
});

test('an import of which all is read cannot be cancelled, and an unknown one is unknown', async () => {
  const id = await begun();
  await processCsv(world, id, 'reader', on);
  expect(await cancelImport(world, id)).toStrictEqual({ end: 'too-late', head: await headOf(id) });
  expect(await cancelImport(world, 'nobody')).toStrictEqual({ end: 'unknown' });
});

test('an upload that another import is still to read is kept', async () => {
  const id = await begun();
  const { upload } = await headOf(id);
  const other = await startImport(world, { upload, options: { ...noOptions, keep: ['*'] }, welcome: true, again: false });
  await processCsv(world, id, 'reader', on);
  expect(await isKept(other.head)).toBe(true);
  await cancelImport(world, other.head.id);
  expect(await isKept(other.head)).toBe(false);
});

test('an upload is not kept because another one is still to be read', async () => {
  const id = await begun();
  const other = await world.upload([['email'], ['ada@example.com']], 'other.csv');
  await startImport(world, { upload: { ...other, location: 'busy' }, options: noOptions, welcome: true, again: false });
  await cancelImport(world, id);
  expect(await isKept(await headOf(id))).toBe(false);
});

test('all imports are asked whether they are still to read an upload', async () => {
  const id = await begun();
  const oldest = await headOf(id);
  for (const n of upTo(150))
    await world.imports.create({ ...oldest, id: `later-${n}`, createdAt: oldest.createdAt + n, state: 'completed' });
  await letGo(world, oldest.upload);
  expect(await isKept(oldest)).toBe(true);
});
