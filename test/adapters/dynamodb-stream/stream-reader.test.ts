import { describe, expect, test } from '@jest/globals';
import type { Positions } from '../../../src/adapters/dynamodb-stream/feed-state.ts';
import { StreamReader } from '../../../src/adapters/dynamodb-stream/stream-reader.ts';
import type { Image } from '../../../src/adapters/dynamodb-stream/stream-records.ts';
import { MemoryTelemetry } from '../../../src/adapters/memory/telemetry.ts';
import type { User } from '../../../src/ports/vocabulary.ts';
import { upTo } from '../../contracts/world.ts';
import { StreamDouble, type DrawnShard } from './stream-double.ts';

function readerOf(shards: readonly DrawnShard[], perPage?: number) {
  const stream = new StreamDouble(shards, perPage);
  const telemetry = new MemoryTelemetry();
  const reader = () => {
    const one = new StreamReader(stream.client, userOf, telemetry);
    return async (from: Positions, limit = 100) => {
      const { users, positions } = await one.read('the-stream', from, limit);
      return { names: users.map(({ key }) => key), positions };
    };
  };
  return { stream, telemetry, read: reader(), another: reader() };
}

const userOf = (image: Image): User => ({
  key: image['key']?.S ?? '',
  address: '',
  name: '',
  origin: { importId: 'i', row: 1 },
  welcome: image['key']?.S !== 'unwelcome',
});

describe('the shards of a stream', () => {
  test('one is read from its beginning, and then from where it was read to', async () => {
    const { read } = readerOf([{ id: 'one', records: ['a', 'b', 'c', 'd'] }]);
    expect(await read({}, 2)).toStrictEqual({ names: ['a', 'b'], positions: { one: '2' } });
    expect(await read({ one: '2' })).toStrictEqual({ names: ['c', 'd'], positions: { one: '4' } });
    expect(await read({ one: '4' })).toStrictEqual({ names: [], positions: { one: '4' } });
  });

  test('a position counts, not what this reader read before', async () => {
    const { read, another } = readerOf([{ id: 'one', records: ['a', 'b', 'c'] }]);
    expect((await read({}, 2)).names).toStrictEqual(['a', 'b']);
    expect((await read({}, 2)).names).toStrictEqual(['a', 'b']);
    expect((await another({ one: '2' })).names).toStrictEqual(['c']);
    expect((await read({ one: '1' })).names).toStrictEqual(['b', 'c']);
  });

  test('children wait until their parent has been read to its end', async () => {
    const shards: DrawnShard[] = [
      { id: 'left', parent: 'root', records: ['l'] },
      { id: 'right', parent: 'root', records: ['r'] },
      { id: 'root', records: ['a', 'b', 'c'], ended: true },
    ];
    const { read } = readerOf(shards);
    const first = await read({}, 2);
    expect(first).toStrictEqual({ names: ['a', 'b'], positions: { root: '2' } });
    const second = await read(first.positions);
    expect(second.names[0]).toBe('c');
    expect([...second.names].sort()).toStrictEqual(['c', 'l', 'r']);
    expect(second.positions).toStrictEqual({ root: 'end', left: '1', right: '1' });
  });

  test('children of a parent that is still open wait, even if it says nothing', async () => {
    const root: DrawnShard = { id: 'root', records: ['a'] };
    const { read } = readerOf([root, { id: 'child', parent: 'root', records: ['c'] }]);
    expect((await read({})).names).toStrictEqual(['a']);
    expect((await read({ root: '1' })).names).toStrictEqual([]);
    root.ended = true;
    expect(await read({ root: '1' })).toStrictEqual({ names: ['c'], positions: { root: 'end', child: '1' } });
  });

  test('grandchildren are read in one go where all before them have ended', async () => {
    const { read } = readerOf([
      { id: 'a', records: ['a1'], ended: true },
      { id: 'b', parent: 'a', records: [], ended: true },
      { id: 'c', parent: 'b', records: ['c1'], ended: true },
      { id: 'd', parent: 'c', records: ['d1'] },
    ]);
    expect(await read({})).toStrictEqual({ names: ['a1', 'c1', 'd1'], positions: { a: 'end', b: 'end', c: 'end', d: '1' } });
  });

  test('a child whose parent is gone is read, and gone shards are forgotten', async () => {
    const { read, stream } = readerOf([
      { id: 'old', records: ['x'], ended: true },
      { id: 'new', parent: 'old', records: ['a'] },
    ]);
    stream.shards = stream.shards.slice(1);
    expect(await read({ old: '1' })).toStrictEqual({ names: ['a'], positions: { new: '1' } });
  });

  test('a description of several pages is read whole', async () => {
    const { read } = readerOf(
      upTo(7).map((n) => ({ id: `s${n}`, records: [`u${n}`] })),
      3,
    );
    expect([...(await read({})).names].sort()).toStrictEqual(upTo(7).map((n) => `u${n}`));
  });

  test('a busy shard keeps no other from being read', async () => {
    const { read } = readerOf([
      { id: 'busy', records: upTo(100).map((n) => `b${n}`) },
      { id: 'calm', records: ['c'] },
    ]);
    const names: string[] = [];
    let positions: Positions = {};
    for (let call = 0; call < 2; call++) {
      const reading = await read(positions, 10);
      names.push(...reading.names);
      ({ positions } = reading);
    }
    expect(names).toContain('c');
    expect(names).toContain('b1');
  });

  test('behind answers without records there may be more: in a shard that ended at once, in an open one with the next look', async () => {
    const { read } = readerOf([{ id: 'ended', records: [[], [], 'a', [], 'b'], ended: true }]);
    expect(await read({})).toStrictEqual({ names: ['a', 'b'], positions: { ended: 'end' } });
    const { read: look } = readerOf([{ id: 'open', records: [[], [], 'a'] }]);
    const seen = [await look({}), await look({}), await look({})];
    expect(seen.map(({ names }) => names)).toStrictEqual([[], [], ['a']]);
  });
});

describe('what a stream does to its readers', () => {
  test('an iterator that is too old is replaced', async () => {
    const { read, stream, telemetry } = readerOf([{ id: 'one', records: ['a', 'b', 'c'] }]);
    await read({}, 1);
    stream.expireIterators();
    expect((await read({ one: '1' })).names).toStrictEqual(['b', 'c']);
    expect(telemetry.events).toStrictEqual([]);
  });

  test('where the record after the position was trimmed, it goes on with the oldest one, and says so', async () => {
    const { read, telemetry } = readerOf([{ id: 'one', records: ['a', 'b', 'c', 'd'], kept: 3 }]);
    expect(await read({ one: '1' })).toStrictEqual({ names: ['c', 'd'], positions: { one: '4' } });
    expect(telemetry.events).toMatchObject([{ level: 'warn', event: 'stream-trimmed', facts: { shard: 'one', after: '1' } }]);
  });

  test('a shard that goes while it is read has ended, and says so', async () => {
    const { read, stream, telemetry } = readerOf([
      { id: 'gone', records: ['x'] },
      { id: 'child', parent: 'gone', records: ['c'] },
    ]);
    stream.gone.add('gone');
    expect(await read({ gone: '1' })).toStrictEqual({ names: ['c'], positions: { gone: 'end', child: '1' } });
    expect(telemetry.events).toMatchObject([{ level: 'warn', event: 'stream-shard-gone', facts: { shard: 'gone' } }]);
  });

  test('a record of an unknown shape is reported, and the others come', async () => {
    const { read, telemetry } = readerOf([{ id: 'one', records: ['a', 'INSERT', 'UPSERT x', 'b', 'MODIFY c', 'REMOVE d', 'unwelcome'] }]);
    expect(await read({})).toStrictEqual({ names: ['a', 'b'], positions: { one: '7' } });
    expect(telemetry.events).toMatchObject([
      { level: 'error', event: 'stream-record-malformed', facts: { shard: 'one', sequenceNumber: '2' } },
      { level: 'error', event: 'stream-record-malformed', facts: { shard: 'one', sequenceNumber: '3' } },
    ]);
  });
});
