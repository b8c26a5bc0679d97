import { beforeEach, describe, expect, test } from '@jest/globals';
import { importId, leased } from '../../../src/domain/user-import/import.ts';
import { startImport, type ImportRequest } from '../../../src/domain/user-import/start-import.ts';
import type { ImportHead, ReadingPlan } from '../../../src/ports/import-ledger.ts';
import { insertRecords } from '../../../src/domain/user-import/insert-records.ts';
import { processCsv } from '../../../src/domain/user-import/process-csv.ts';
import { present, upTo } from '../../contracts/world.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

const upload = { identity: 'sha256:1', location: 'here', name: 'people.csv', size: 10 };
const request: ImportRequest = { upload, options: noOptions, welcome: true, again: false };

describe('startImport', () => {
  let world: MemoryWorld;
  let idOf: (generation: number) => string;
  beforeEach(() => {
    world = new MemoryWorld();
    idOf = (generation) => importId(world.ids, upload, noOptions, generation);
  });

  const start = (parts: Partial<ImportRequest> = {}) => startImport(world, { ...request, ...parts });
  const messages = () => world.uploadQueue.texts().map((text) => (JSON.parse(text) as { importId: string }).importId);
  const change = async (parts: Partial<ImportHead>, id = idOf(0)) => {
    expect(await world.imports.replace({ ...present(await world.imports.find(id)), ...parts })).toBe(true);
  };

  test('an upload that was never seen is started, and a message says so', async () => {
    const plan = { rules: 1 } as ReadingPlan;
    const { head, how } = await start({ plan, welcome: false });
    expect(how).toBe('started');
    expect(head).toStrictEqual({
      id: idOf(0),
      revision: 0,
      upload,
      options: noOptions,
      welcome: false,
      createdAt: world.now(),
      state: 'reading',
      plan,
    });
    expect(await world.imports.find(idOf(0))).toStrictEqual(head);
    expect(messages()).toStrictEqual([idOf(0)]);
  });

  test.each<ImportHead['state']>(['reading', 'read'])('one that is %s is resumed', async (state) => {
    await start();
    await change({ state });
    const before = await world.imports.find(idOf(0));
    expect(await start()).toStrictEqual({ head: before, how: 'resumed' });
    expect(messages()).toStrictEqual([idOf(0), idOf(0)]);
    expect(await world.imports.find(idOf(0))).toStrictEqual(before);
  });

  test('one that is half read is read from its start only where that is wished for', async () => {
    await start();
    const checkpoint = { position: { offset: 5, ordinal: 2, line: 3 }, row: 2, batches: 1 };
    await change({ ...leased(present(await world.imports.find(idOf(0))), 'm1', world.now(), checkpoint) });
    expect(await start()).toMatchObject({ head: { checkpoint } });
    const { head, how } = await start({ again: true });
    expect([how, head.state, head.checkpoint, head.lease]).toStrictEqual(['resumed', 'reading', undefined, undefined]);
    const kept = present(await world.imports.find(idOf(0)));
    expect([kept.checkpoint, kept.lease]).toStrictEqual([undefined, undefined]);
  });

  test('one that is read and not completed is read once more only where that is wished for: what was lost comes again, and nothing counts twice', async () => {
    const begin = async (again: boolean) => {
      const taken = await world.upload([['name', 'email'], ...upTo(7).map((n) => ['Name', `user${n}@example.com`])]);
      return startImport(world, { ...request, upload: taken, again });
    };
    const read = (id: string) => processCsv(world, id, 'm1', { stop: new AbortController().signal, limits: { rows: 2, bytes: 10_000 } });
    const batches = async () => (await world.records.receive(10, 0)).flatMap(({ content }) => (content.ours ? [content.message] : []));

    const { head, left } = await begin(false);
    await read(head.id);
    const sent = await batches();
    expect([left, sent.length]).toStrictEqual([undefined, 4]);
    await insertRecords(world, sent.slice(0, 3)); // The last one is lost.
    expect(await begin(false)).toMatchObject({ how: 'resumed', head: { state: 'read' } });

    const once = await begin(true);
    expect(once).toMatchObject({ how: 'resumed', left: head.upload, head: { id: head.id, state: 'reading', plan: { batchRows: 2 } } });
    expect(Object.keys(once.head)).not.toEqual(expect.arrayContaining(['checkpoint']));
    expect(Object.keys(once.head)).not.toEqual(expect.arrayContaining(['batches']));
    await read(head.id);
    const resent = await batches();
    expect(resent).toStrictEqual(sent);
    await insertRecords(world, resent);
    expect(await world.imports.find(head.id)).toMatchObject({ state: 'completed', batches: 4 });
    expect(await world.imports.progress(head.id)).toMatchObject({ inserted: 7, duplicates: 0, batches: 4 });
  });

  test('one that is completed is shown, and nothing is done', async () => {
    await start();
    await change({ state: 'completed' });
    expect(await start()).toStrictEqual({ head: await world.imports.find(idOf(0)), how: 'ended' });
    expect(messages()).toHaveLength(1);
  });

  test('one that was refused is shown, and begun anew only where that is wished for', async () => {
    await start();
    await change({ state: 'refused' });
    expect(await start()).toMatchObject({ how: 'ended', head: { id: idOf(0) } });
    expect(await start({ again: true })).toMatchObject({ how: 'started', head: { id: idOf(1) } });
  });

  test('a completed one is imported anew only where that is wished for', async () => {
    await start();
    await change({ state: 'completed' });
    await world.advance(1_000);
    expect(await start({ again: true })).toMatchObject({ how: 'started', head: { id: idOf(1), createdAt: world.now() } });
    expect(messages()).toStrictEqual([idOf(0), idOf(1)]);
    expect(await start({ again: true })).toMatchObject({ how: 'resumed', head: { id: idOf(1) } });
    await change({ state: 'completed' }, idOf(1));
    expect(await start()).toMatchObject({ how: 'ended', head: { id: idOf(1) } });
    expect(await start({ again: true })).toMatchObject({ how: 'started', head: { id: idOf(2) } });
  });

  test('other options make another import', async () => {
    await start();
    expect(await start({ options: { ...noOptions, onExisting: 'update' } })).toMatchObject({ how: 'started' });
    expect(new Set(messages()).size).toBe(2);
  });

  describe('where the upload lies elsewhere by now', () => {
    const moved = { ...upload, location: 'there', name: 'people-2.csv' };

    test('an import that is read goes on with it', async () => {
      await start();
      const { head, how, left } = await start({ upload: moved });
      expect([how, head.upload, left]).toStrictEqual(['resumed', moved, upload]);
      expect((await world.imports.find(idOf(0)))?.upload).toStrictEqual(moved);
    });

    test('whoever reads it from the old place gives way to the new message', async () => {
      await start();
      const kept = present(await world.imports.find(idOf(0)));
      await world.imports.replace(leased(kept, 'm1', world.now()));
      const { head } = await start({ upload: moved });
      expect(head.lease).toBeUndefined();
      expect((await world.imports.find(idOf(0)))?.lease).toBeUndefined();
      // Its next word is over an old revision.
      expect(await world.imports.replace(leased({ ...kept, revision: 1 }, 'm1', world.now()))).toBe(false);
    });

    test('one whose store keeps what it took goes on with what it has', async () => {
      await start();
      const kept = await world.imports.find(idOf(0));
      expect(await start({ upload: moved, stays: true })).toStrictEqual({ head: kept, how: 'resumed' });
      expect(await world.imports.find(idOf(0))).toStrictEqual(kept);
      expect(messages()).toHaveLength(2);
    });

    test('one that is read already needs it no more', async () => {
      await start();
      await change({ state: 'read' });
      expect((await start({ upload: moved })).head.upload).toStrictEqual(upload);
      expect((await world.imports.find(idOf(0)))?.upload).toStrictEqual(upload);
    });

    test('another name alone changes nothing', async () => {
      await start();
      const before = await world.imports.find(idOf(0));
      await start({ upload: { ...upload, name: 'other.csv' } });
      expect(await world.imports.find(idOf(0))).toStrictEqual(before);
    });
  });
});
