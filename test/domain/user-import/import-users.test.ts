import { beforeEach, describe, expect, test } from '@jest/globals';
import { importUsers, type NewUser, type UsersRequest } from '../../../src/domain/user-import/import-users.ts';
import { importId } from '../../../src/domain/user-import/import.ts';
import { insertRecords } from '../../../src/domain/user-import/insert-records.ts';
import { rejectRows } from '../../../src/domain/user-import/reject-rows.ts';
import { QueueUnavailable } from '../../../src/ports/message-queue.ts';
import type { RecordBatch } from '../../../src/ports/vocabulary.ts';
import { present, upTo } from '../../contracts/world.ts';
import { MemoryWorld } from '../world.ts';

let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

const requestOf = (users: readonly NewUser[], more: Partial<UsersRequest> = {}): UsersRequest => ({
  users,
  upload: { identity: `sha256:${JSON.stringify(users).length}`, location: 'values', name: 'users.json', size: 1 },
  onExisting: 'skip',
  welcome: true,
  again: false,
  limits: { rows: 10, bytes: 100_000 },
  ...more,
});

async function queued(): Promise<readonly RecordBatch[]> {
  const deliveries = await world.records.receive(1_000, 0);
  await world.records.acknowledge(deliveries.map(({ receipt }) => receipt));
  return deliveries.flatMap(({ content }) => (content.ours ? [content.message] : []));
}
const people = (count: number): NewUser[] => upTo(count).map((n) => ({ email: `User${n}@example.com`, name: `Name ${n}` }));

describe('users who come as values', () => {
  test('are on the records queue with their import, which completes when they are stored', async () => {
    const { head, how } = await importUsers(world, requestOf(people(25)));
    expect(how).toBe('started');
    expect(head).toMatchObject({ state: 'read', batches: 3, welcome: true });
    expect(head.options).toStrictEqual({ map: {}, keep: [], onExisting: 'skip' });
    expect(head.plan?.dialect).toStrictEqual({ encoding: 'utf-8', bom: 0, delimiter: ',' });
    const batches = await queued();
    expect(batches.map(({ firstRow, rows, importedAt }) => [firstRow, rows, importedAt])).toStrictEqual([
      [1, 10, head.createdAt],
      [11, 10, head.createdAt],
      [21, 5, head.createdAt],
    ]);
    expect(await world.uploadQueue.depth()).toMatchObject({ ready: 0 });
    await insertRecords(world, batches);
    expect(await world.imports.find(head.id)).toMatchObject({ state: 'completed' });
    expect((await world.users.find(['user7@example.com']))[0]).toMatchObject({ address: 'User7@example.com', name: 'Name 7' });
  });

  test('are judged by the rules of a file, and rejected ones can be corrected as one', async () => {
    const users = [
      { email: 'nobody', name: 'Ada' },
      { email: 'ada@example.com', name: '', attributes: { city: 'London' } },
      { email: 'Ada <ada@example.com>', name: '' },
      { email: 'nul@example.com', name: 'A\0B' },
    ];
    const { head } = await importUsers(world, requestOf(users));
    await insertRecords(world, await queued());
    expect(await world.imports.progress(head.id)).toMatchObject({ inserted: 1, rejected: 3 });
    expect((await world.imports.rejections(head.id, 0, 10)).map(({ row, line }) => [row, line])).toStrictEqual([
      [1, 1],
      [2, 2],
      [4, 4],
    ]);
    const rows: (readonly string[])[] = [];
    for await (const row of rejectRows(world.imports, head)) rows.push(row);
    expect(rows[0]).toStrictEqual(['name', 'email', 'city', 'row', 'column', 'code', 'reason']);
    expect(rows.slice(1).map((row) => row.slice(0, 6))).toStrictEqual([
      ['Ada', 'nobody', '', '1', 'email', 'invalid-address'],
      ['', 'ada@example.com', 'London', '2', 'name', 'missing-name'],
      ['A\0B', 'nul@example.com', '', '4', '', 'nul-byte'],
    ]);
  });

  test('keep their own attributes, and none that only others have, whatever these are called', async () => {
    const odd = JSON.parse('{"__proto__":"x","city":""}') as Record<string, string>;
    await importUsers(
      world,
      requestOf([
        { email: 'a@example.com', name: 'A', attributes: odd },
        { email: 'b@example.com', name: 'B' },
      ]),
    );
    const [batch] = await queued();
    expect(Object.entries(present(batch?.records[0]?.attributes))).toStrictEqual([
      ['__proto__', 'x'],
      ['city', ''],
    ]);
    expect(Object.keys(present(batch?.records[1]))).not.toContain('attributes');
  });

  test('sent again are the same import, with the same batches of the same time', async () => {
    const first = await importUsers(world, requestOf(people(3)));
    const [before] = await queued();
    await world.advance(1_000);
    const second = await importUsers(world, requestOf(people(3)));
    expect(second).toStrictEqual({ head: first.head, how: 'resumed' });
    expect(await queued()).toStrictEqual([before]);
    await insertRecords(world, [present(before)]);
    expect(await importUsers(world, requestOf(people(3)))).toMatchObject({ how: 'ended', head: { id: first.head.id, state: 'completed' } });
    expect(await queued()).toStrictEqual([]);
    const anew = await importUsers(world, requestOf(people(3), { again: true }));
    expect(anew.how).toBe('started');
    const { upload, options } = first.head;
    expect([first.head.id, anew.head.id]).toStrictEqual([0, 1].map((generation) => importId(world.ids, upload, options, generation)));
  });

  test('whom the queue did not take are on it once they are sent again', async () => {
    const records = { send: () => Promise.reject(new QueueUnavailable('The queue is away.')) };
    const { imports, syntax, ids, clock } = world;
    await expect(importUsers({ imports, syntax, ids, clock, records }, requestOf(people(3)))).rejects.toThrow('The queue is away.');
    const { head } = await importUsers(world, requestOf(people(3)));
    await insertRecords(world, await queued());
    expect(await world.imports.find(head.id)).toMatchObject({ state: 'completed' });
  });
});
