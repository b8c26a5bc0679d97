import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  ImportUnknown,
  processCsv,
  RulesChanged,
  type ProcessCsvPorts,
  type ReadingBounds,
} from '../../../src/domain/user-import/process-csv.ts';
import { leased, readerLeaseMs } from '../../../src/domain/user-import/import.ts';
import { startImport } from '../../../src/domain/user-import/start-import.ts';
import { LedgerUnavailable, type ImportHead } from '../../../src/ports/import-ledger.ts';
import { QueueUnavailable, type MessageQueue, type Unsent } from '../../../src/ports/message-queue.ts';
import type { RowBlock, RowReader } from '../../../src/ports/row-reader.ts';
import type { RecordBatch, Upload } from '../../../src/ports/vocabulary.ts';
import { outlast, present, upTo } from '../../contracts/world.ts';
import { faulty } from '../faulty.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

/** A file of so many rows behind a header, every seventh without an address. */
const fileOf = (rows: number): string[][] => [
  ['name', 'email'],
  ...upTo(rows).map((n) => ['Name', n % 7 === 0 ? '' : `user${n}@example.com`]),
];

/** Keeps what was sent, in order. */
class SentBatches implements MessageQueue<RecordBatch> {
  readonly calls: number[][] = [];
  readonly batches: RecordBatch[] = [];
  /** Decides about each call: what was not sent. */
  answer: (call: number, count: number) => readonly Unsent[] | Promise<readonly Unsent[]> = () => [];

  async send(messages: readonly { readonly body: RecordBatch }[]): Promise<readonly Unsent[]> {
    this.calls.push(messages.map(({ body }) => body.firstRow));
    const unsent = await this.answer(this.calls.length, messages.length);
    this.batches.push(...messages.filter((_, index) => !unsent.some((failure) => failure.index === index)).map(({ body }) => body));
    return unsent;
  }
}

const limits = { rows: 10, bytes: 100_000 };
const on: ReadingBounds = { stop: new AbortController().signal, limits };

let world: MemoryWorld;
let sent: SentBatches;
let ports: ProcessCsvPorts;
beforeEach(() => {
  world = new MemoryWorld();
  sent = new SentBatches();
  const { imports, uploads, rows, syntax, clock } = world;
  ports = { imports, uploads, rows, syntax, clock, records: sent };
});

async function begun(rows: readonly (readonly string[])[]): Promise<string> {
  const upload = await world.upload(rows);
  return (await startImport(world, { upload, options: noOptions, welcome: true, again: false })).head.id;
}

const headOf = async (id: string): Promise<ImportHead> => present(await world.imports.find(id));
const ranges = (batches: readonly RecordBatch[]) => batches.map(({ firstRow, rows }) => [firstRow, rows]);

/** A stop at the block whose reading begins with this row. */
function stoppingAt(ordinal: number): { readonly rows: RowReader; readonly stop: AbortSignal } {
  const stop = new AbortController();
  return { rows: watched((row) => row === ordinal && stop.abort()), stop: stop.signal };
}

/** The world's row reader, which tells of each block before it is read. */
function watched(watch: (ordinal: number) => unknown): RowReader {
  return {
    detect: () => world.rows.detect(),
    async *read(bytes, dialect, from): AsyncIterable<RowBlock> {
      for await (const block of world.rows.read(bytes, dialect, from)) {
        await watch(block.rows[0]?.ordinal ?? -1);
        yield block;
      }
    },
  };
}

describe('a reading without trouble', () => {
  test('sends all rows in batches, and leaves an import that is read', async () => {
    const id = await begun(fileOf(25));
    expect(await processCsv(ports, id, 'm1', on)).toStrictEqual({ end: 'finished' });
    expect(ranges(sent.batches)).toStrictEqual([
      [1, 10],
      [11, 10],
      [21, 5],
    ]);
    expect(sent.batches.flatMap(({ records }) => records.map(({ row }) => row))).toStrictEqual(upTo(25).filter((n) => n % 7 !== 0));
    expect(sent.batches.flatMap(({ rejections }) => rejections.map(({ row }) => row))).toStrictEqual([7, 14, 21]);
    const head = await headOf(id);
    expect(head).toMatchObject({ state: 'read', batches: 3, checkpoint: { row: 25, batches: 3, position: { ordinal: 26 } } });
    expect(head.lease).toBeUndefined();
    expect(head.plan).toMatchObject({ batchRows: 10, batchBytes: 100_000 });
  });

  test('a header alone is an import of no rows, which is completed at once', async () => {
    const id = await begun(fileOf(0));
    expect(await processCsv(ports, id, 'm1', on)).toStrictEqual({ end: 'finished' });
    expect(sent.calls).toStrictEqual([]);
    expect(await headOf(id)).toMatchObject({ state: 'completed', batches: 0 });
  });

  test('a file without a header is read from its first row', async () => {
    const id = await begun(fileOf(6).slice(1));
    await processCsv(ports, id, 'm1', on);
    expect(sent.batches.flatMap(({ records }) => records.map(({ row, key }) => [row, key]))).toStrictEqual(
      upTo(6).map((n) => [n, `user${n}@example.com`]),
    );
    expect(await headOf(id)).toMatchObject({ checkpoint: { row: 6 } });
  });

  test('the upload is done with when all of it is read', async () => {
    const done: Upload[] = [];
    const id = await begun(fileOf(3));
    const uploads = faulty(world.uploads, { before: { markDone: (_, upload) => done.push(upload) } });
    await processCsv({ ...ports, uploads }, id, 'm1', on);
    expect(done).toStrictEqual([(await headOf(id)).upload]);
  });

  test('an import whose batches were all stored meanwhile is completed by the reader', async () => {
    const id = await begun(fileOf(5));
    const records: MessageQueue<RecordBatch> = {
      send: async (messages) => {
        for (const { body } of messages)
          await world.imports.record([{ importId: id, firstRow: body.firstRow, outcomes: ['inserted'], rejections: [] }]);
        return [];
      },
    };
    await processCsv({ ...ports, records }, id, 'm1', on);
    expect((await headOf(id)).state).toBe('completed');
  });

  test('an import that failed before is one without failures, once all of it is read', async () => {
    const id = await begun(fileOf(5));
    await world.imports.markDeadLettered({ importId: id, part: 'upload', cause: 'It was away.', at: world.now() });
    await processCsv(ports, id, 'm1', on);
    expect((await world.imports.progress(id)).deadLetters).toBe(0);
  });

  test('it is read by the plan that was made first, whatever the limits are now', async () => {
    const id = await begun(fileOf(25));
    const { rows, stop } = stoppingAt(2);
    await processCsv({ ...ports, rows }, id, 'm1', { stop, limits });
    await processCsv(ports, id, 'm1', { ...on, limits: { rows: 3, bytes: 100_000 } });
    expect(ranges(sent.batches)).toStrictEqual([
      [1, 10],
      [11, 10],
      [21, 5],
    ]);
  });
});

describe('an import that is not to be read', () => {
  test('one that is not there', async () => {
    await expect(processCsv(ports, 'nowhere', 'm1', on)).rejects.toThrow(new ImportUnknown('There is no import nowhere.'));
    await expect(processCsv(ports, 'nowhere', 'm1', on)).rejects.toMatchObject({ code: 'import-unknown', retryable: false });
  });

  test('one that is read, and completed as well: what is left of the reading is done again', async () => {
    const id = await begun(fileOf(5));
    await processCsv(ports, id, 'm1', on);
    await world.imports.record([{ importId: id, firstRow: 1, outcomes: ['inserted'], rejections: [] }]);
    const done: string[] = [];
    const uploads = faulty(world.uploads, { before: { markDone: (_, { name }) => done.push(name) } });
    expect(await processCsv({ ...ports, uploads }, id, 'm2', on)).toStrictEqual({ end: 'finished' });
    expect((await headOf(id)).state).toBe('completed');
    expect(done).toStrictEqual(['people.csv']);
    expect(sent.calls).toHaveLength(1);
  });

  test('one that is refused: the upload stays, and so does the refusal', async () => {
    const id = await begun([['nothing', 'useful']]);
    const done: string[] = [];
    const uploads = faulty(world.uploads, { before: { markDone: (_, { name }) => done.push(name) } });
    for (const holder of ['m1', 'm2']) expect(await processCsv({ ...ports, uploads }, id, holder, on)).toStrictEqual({ end: 'finished' });
    const head = await headOf(id);
    expect(head).toMatchObject({ state: 'refused', refusal: { code: 'no-address-column' } });
    expect([head.lease, head.plan]).toStrictEqual([undefined, undefined]);
    expect([done, sent.calls]).toStrictEqual([[], []]);
  });

  test('one that another message reads', async () => {
    const id = await begun(fileOf(5));
    await world.imports.replace(leased(await headOf(id), 'm1', world.now()));
    const before = await headOf(id);
    await world.advance(readerLeaseMs - 1);
    expect(await processCsv(ports, id, 'm2', on)).toStrictEqual({ end: 'busy' });
    expect(await headOf(id)).toStrictEqual(before);
    await world.advance(1);
    expect(await processCsv(ports, id, 'm2', on)).toStrictEqual({ end: 'finished' });
  });

  test('one that another message takes at the same moment', async () => {
    const id = await begun(fileOf(5));
    const imports = faulty(world.imports, {
      before: {
        replace: async (call) => {
          if (call === 1) await world.imports.replace(leased(await headOf(id), 'm1', world.now()));
        },
      },
    });
    expect(await processCsv({ ...ports, imports }, id, 'm2', on)).toStrictEqual({ end: 'busy' });
    expect((await headOf(id)).lease?.holder).toBe('m1');
    expect(sent.calls).toStrictEqual([]);
  });

  test('one that was begun under other rules', async () => {
    const id = await begun(fileOf(25));
    const { rows, stop } = stoppingAt(2);
    await processCsv({ ...ports, rows }, id, 'm1', { stop, limits });
    const head = await headOf(id);
    await world.imports.replace({ ...head, plan: { ...present(head.plan), rules: 2 } });
    const reading = processCsv(ports, id, 'm1', on);
    await expect(reading).rejects.toThrow(RulesChanged);
    await expect(reading).rejects.toMatchObject({
      message: `Import ${id} was begun by another version of Rollcall, whose rules for rows differ.`,
      hint: 'Finish it with that version, or import the file anew with --again.',
      code: 'rules-changed',
      retryable: false,
    });
    expect(sent.calls).toStrictEqual([]);
  });
});

describe('checkpoints', () => {
  test('a batch is sent before a checkpoint says so', async () => {
    const id = await begun(fileOf(400));
    const seen: [checkpoint: number, sent: number][] = [];
    const imports = faulty(world.imports, {
      before: {
        replace: (_, head) => {
          const last = sent.batches.at(-1);
          if (head.checkpoint) seen.push([head.checkpoint.row, last ? last.firstRow + last.rows - 1 : 0]);
        },
      },
    });
    await processCsv({ ...ports, imports }, id, 'm1', on);
    expect(seen.length).toBeGreaterThan(2);
    for (const [checkpoint, last] of seen) expect(checkpoint).toBeLessThanOrEqual(last);
    expect(seen.at(-1)).toStrictEqual([400, 400]);
  });

  test('every checkpoint extends the lease', async () => {
    const id = await begun(fileOf(300));
    const leases: [holder: string | undefined, left: number][] = [];
    const imports = faulty(world.imports, {
      before: {
        replace: (_, { lease, state, checkpoint }) =>
          state === 'reading' && checkpoint && leases.push([lease?.holder, (lease?.until ?? 0) - world.now()]),
      },
    });
    await processCsv({ ...ports, imports, rows: watched((ordinal) => ordinal % 100 === 0 && world.advance(1_000)) }, id, 'm1', on);
    expect(leases.length).toBeGreaterThan(2);
    for (const lease of leases) expect(lease).toStrictEqual(['m1', readerLeaseMs]);
  });

  test('several batches are sent at once, and the rest at the end', async () => {
    const id = await begun(fileOf(315));
    await processCsv(ports, id, 'm1', on);
    const sizes = sent.calls.map((firstRows) => firstRows.length);
    const [full = 0] = sizes;
    expect(full).toBeGreaterThan(1);
    expect(sizes).toStrictEqual([...upTo(Math.floor(32 / full)).map(() => full), ...(32 % full > 0 ? [32 % full] : [])]);
  });

  test('a reading that is begun again at any checkpoint sends the very same batches', async () => {
    const whole = await begun(fileOf(230));
    await processCsv(ports, whole, 'm1', on);
    const expected = sent.batches.map((batch) => JSON.stringify(batch));
    for (const at of [0, 10, 11, 41, 42, 99, 230]) {
      world = new MemoryWorld();
      sent = new SentBatches();
      ports = { ...ports, imports: world.imports, uploads: world.uploads, clock: world.clock, records: sent };
      const id = await begun(fileOf(230));
      const { rows, stop } = stoppingAt(at);
      const first = await processCsv({ ...ports, rows }, id, 'm1', { stop, limits });
      expect(first).toStrictEqual({ end: 'interrupted', advanced: at > 10 });
      const { checkpoint, lease } = await headOf(id);
      expect([checkpoint?.row ?? 0, lease]).toStrictEqual([Math.floor(Math.max(0, at - 1) / 10) * 10, undefined]);
      expect(await processCsv(ports, id, 'm2', on)).toStrictEqual({ end: 'finished' });
      expect(sent.batches.map((batch) => JSON.stringify(batch))).toStrictEqual(expected);
      expect(await headOf(id)).toMatchObject({ state: 'read', batches: 23, checkpoint: { row: 230 } });
    }
  });

  test('a reader that dies between sending and its checkpoint sends the same batches again', async () => {
    const id = await begun(fileOf(300));
    const imports = faulty(world.imports, {
      before: {
        replace: (call) => {
          if (call === 4) throw new LedgerUnavailable('The process died.');
        },
      },
    });
    await expect(processCsv({ ...ports, imports }, id, 'm1', on)).rejects.toThrow('died');
    const before = new Map(sent.batches.map((batch) => [batch.firstRow, JSON.stringify(batch)]));
    expect(before.size).toBeGreaterThan((await headOf(id)).checkpoint?.batches ?? 0);
    sent.batches.length = 0;
    expect(await processCsv(ports, id, 'm1', on)).toStrictEqual({ end: 'finished' });
    const again = sent.batches.filter(({ firstRow }) => before.has(firstRow));
    expect(again.length).toBeGreaterThan(0);
    for (const batch of again) expect(JSON.stringify(batch)).toBe(before.get(batch.firstRow));
    expect(await headOf(id)).toMatchObject({ batches: 30, checkpoint: { row: 300, batches: 30 } });
  });

  test('where the row reader gives positions only now and then, it starts again at one that lies before', async () => {
    const sparse: RowReader = {
      detect: () => world.rows.detect(),
      async *read(bytes, dialect, from): AsyncIterable<RowBlock> {
        for await (const block of world.rows.read(bytes, dialect, from)) {
          const { position } = block;
          yield position && position.ordinal % 17 === 0 ? { rows: block.rows, position } : { rows: block.rows };
        }
      },
    };
    const id = await begun(fileOf(100));
    const stop = new AbortController();
    const rows: RowReader = {
      detect: () => world.rows.detect(),
      async *read(bytes, dialect, from) {
        for await (const block of sparse.read(bytes, dialect, from)) {
          if (block.rows[0]?.ordinal === 55) stop.abort();
          yield block;
        }
      },
    };
    await processCsv({ ...ports, rows }, id, 'm1', { stop: stop.signal, limits });
    // 50 rows are sent; of the positions before rows 17, 34 and 51 (the header is row 0) the last is just behind them.
    expect((await headOf(id)).checkpoint).toMatchObject({ row: 50, batches: 5, position: { ordinal: 51 } });
    const resumed: (number | undefined)[] = [];
    const remembering: RowReader = {
      detect: () => world.rows.detect(),
      read: (bytes, dialect, from) => {
        resumed.push(from?.ordinal);
        return sparse.read(bytes, dialect, from);
      },
    };
    const stopAgain = new AbortController();
    const stoppedAgain = faulty(world.imports, {});
    await processCsv({ ...ports, imports: stoppedAgain, rows: remembering }, id, 'm1', { stop: stopAgain.signal, limits });
    expect(resumed).toStrictEqual([51]);
    expect(ranges(sent.batches)).toStrictEqual(upTo(10).map((n) => [n * 10 - 9, 10]));
  });

  test('rows before the checkpoint that are read again are not sent again', async () => {
    const id = await begun(fileOf(40));
    const coarse = (stopAt: number, stop: AbortController): RowReader => ({
      detect: () => world.rows.detect(),
      async *read(bytes, dialect, from): AsyncIterable<RowBlock> {
        for await (const { rows } of world.rows.read(bytes, dialect, from)) {
          if (rows[0]?.ordinal === stopAt) stop.abort();
          yield { rows };
        }
      },
    });
    const stop = new AbortController();
    await processCsv({ ...ports, rows: coarse(25, stop) }, id, 'm1', { stop: stop.signal, limits });
    expect((await headOf(id)).checkpoint).toMatchObject({ row: 20, position: { offset: 0, ordinal: 0 } });
    await processCsv({ ...ports, rows: coarse(-1, stop) }, id, 'm1', on);
    expect(ranges(sent.batches)).toStrictEqual(upTo(4).map((n) => [n * 10 - 9, 10]));
  });
});

describe('a reading that has to end early', () => {
  test('a deadline is met at the next block, with all full batches sent and the lease released', async () => {
    const id = await begun(fileOf(100));
    const deadline = world.now() + 35;
    const rows = watched(() => world.advance(1));
    expect(await processCsv({ ...ports, rows }, id, 'm1', { ...on, deadline })).toStrictEqual({ end: 'interrupted', advanced: true });
    const head = await headOf(id);
    expect(head).toMatchObject({ state: 'reading', checkpoint: { row: 30, batches: 3 } });
    expect(head.lease).toBeUndefined();
    expect(ranges(sent.batches)).toStrictEqual([1, 11, 21].map((row) => [row, 10]));
  });

  test('one that comes no further says so', async () => {
    const id = await begun(fileOf(100));
    expect(await processCsv(ports, id, 'm1', { ...on, deadline: world.now() })).toStrictEqual({ end: 'interrupted', advanced: false });
    expect((await headOf(id)).checkpoint).toBeUndefined();
  });

  test('in a later leg only rows further than its start count', async () => {
    const id = await begun(fileOf(100));
    const { rows, stop } = stoppingAt(35);
    expect(await processCsv({ ...ports, rows }, id, 'm1', { stop, limits })).toMatchObject({ advanced: true });
    expect(await processCsv(ports, id, 'm2', { ...on, deadline: world.now() })).toMatchObject({ advanced: false });
    expect(await headOf(id)).toMatchObject({ checkpoint: { row: 30, batches: 3 } });
  });

  test('who loses the lease at the end of a leg says that another reads', async () => {
    const id = await begun(fileOf(100));
    const { rows, stop } = stoppingAt(5);
    const taken = watchedThen(rows, 5, () => takenByAnother(id));
    expect(await processCsv({ ...ports, rows: taken }, id, 'm1', { stop, limits })).toStrictEqual({ end: 'busy' });
  });
});

describe('a lease that is lost', () => {
  const taking = (id: string, at: number) => watchedThen(world.rows, at, () => takenByAnother(id));

  test('ends the reading, and the other one keeps it', async () => {
    const id = await begun(fileOf(400));
    expect(await processCsv({ ...ports, rows: taking(id, 150) }, id, 'm1', on)).toStrictEqual({ end: 'busy' });
    const head = await headOf(id);
    expect(head).toMatchObject({ state: 'reading', lease: { holder: 'm2' } });
    expect(sent.batches.length).toBeLessThan(40);
  });

  test('is noticed at the end of the file too', async () => {
    const id = await begun(fileOf(30));
    expect(await processCsv({ ...ports, rows: taking(id, 25) }, id, 'm1', on)).toStrictEqual({ end: 'busy' });
    expect(await headOf(id)).toMatchObject({ state: 'reading', lease: { holder: 'm2' } });
  });

  test('while the plan was made keeps the plan of the other', async () => {
    const id = await begun(fileOf(30));
    const rows = watchedThen(world.rows, 0, () => takenByAnother(id));
    const reading = await processCsv({ ...ports, rows }, id, 'm1', on);
    expect(reading.end).not.toBe('interrupted');
    expect(await headOf(id)).toMatchObject({ state: 'reading', lease: { holder: 'm2' } });
    expect(sent.calls).toStrictEqual([]);
  });
});

describe('a queue in trouble', () => {
  test('messages that were not sent are sent again, and only those', async () => {
    const id = await begun(fileOf(20));
    sent.answer = (call) => (call === 1 ? [{ index: 1, cause: 'throttled', retryable: true }] : []);
    expect(await outlast(world, processCsv(ports, id, 'm1', on), 100)).toStrictEqual({ end: 'finished' });
    expect(sent.calls).toStrictEqual([[1, 11], [11]]);
    expect(await headOf(id)).toMatchObject({ batches: 2 });
  });

  test('a failure ends the reading before any checkpoint behind it, and lets go of the lease', async () => {
    const id = await begun(fileOf(400));
    sent.answer = (call) => {
      if (call === 3) throw new QueueUnavailable('The queue is away.');
      return [];
    };
    await expect(processCsv(ports, id, 'm1', on)).rejects.toThrow(new QueueUnavailable('The queue is away.'));
    const head = await headOf(id);
    expect(head.checkpoint?.row ?? 0).toBeLessThanOrEqual(200);
    expect(head.lease).toBeUndefined();
    sent.answer = () => [];
    expect(await processCsv(ports, id, 'm2', on)).toStrictEqual({ end: 'finished' });
    expect(new Set(sent.batches.map(({ firstRow }) => firstRow)).size).toBe(40);
    expect(await headOf(id)).toMatchObject({ batches: 40 });
  });

  test('a failure is raised when all that was sent is known to be on the queue, or not', async () => {
    const id = await begun(fileOf(400));
    const open: (() => void)[] = [];
    sent.answer = (call) =>
      call === 1 ? Promise.reject(new Error('The queue is damaged.')) : new Promise((resolve) => open.push(() => resolve([])));
    let ended = false;
    const reading = processCsv(ports, id, 'm1', on);
    reading.catch(() => (ended = true));
    await world.advance(0);
    expect([open.length > 0, ended]).toStrictEqual([true, false]);
    for (const done of open) done();
    await expect(reading).rejects.toThrow('The queue is damaged.');
  });

  test('no more is under way where many rows are read at once', async () => {
    const id = await begun(fileOf(400));
    const open: (() => void)[] = [];
    sent.answer = () => new Promise((resolve) => open.push(() => resolve([])));
    const reading = processCsv({ ...ports, rows: inOneBlock(world.rows) }, id, 'm1', on);
    await world.advance(0);
    expect(sent.calls.flat()).toHaveLength(20);
    sent.answer = () => [];
    for (const done of open) done();
    expect(await reading).toStrictEqual({ end: 'finished' });
    expect(sent.calls.flat()).toHaveLength(40);
  });

  test('reading waits while several calls are under way, and goes on when the first is done', async () => {
    const id = await begun(fileOf(400));
    const open: (() => void)[] = [];
    sent.answer = () => new Promise((resolve) => open.push(() => resolve([])));
    let row = 0;
    const reading = processCsv({ ...ports, rows: watched((ordinal) => (row = ordinal)) }, id, 'm1', on);
    await world.advance(0);
    // The row that fills the last batch of the last call is the last one that was read.
    const perCall = (sent.calls[0]?.length ?? 0) * limits.rows;
    const most = open.length;
    expect(most).toBeGreaterThan(2);
    expect((most + 1) * perCall).toBeLessThan(400);
    expect(row).toBe(most * perCall + 1);
    open[0]?.();
    await world.advance(0);
    expect([open.length, row]).toStrictEqual([most + 1, (most + 1) * perCall + 1]);
    expect((await headOf(id)).checkpoint).toMatchObject({ row: perCall });
    // The third is done while the second is not: nothing goes on.
    open[2]?.();
    await world.advance(0);
    expect([open.length, row]).toStrictEqual([most + 1, (most + 1) * perCall + 1]);
    sent.answer = () => [];
    for (const done of open) done();
    expect(await reading).toStrictEqual({ end: 'finished' });
  });
});

describe('a reading that fails', () => {
  test('lets go of the lease, so that whoever is sent back from dead letters can read at once', async () => {
    const id = await begun(fileOf(5));
    const broken = faulty(world.uploads, {
      before: {
        markDone: () => {
          throw new Error('The place is read-only.');
        },
      },
    });
    const rows: RowReader = {
      detect: () => Promise.reject(new Error('The disk is damaged.')),
      read: (...args) => world.rows.read(...args),
    };
    await expect(processCsv({ ...ports, rows }, id, 'm1', on)).rejects.toThrow(new Error('The disk is damaged.'));
    expect((await headOf(id)).lease).toBeUndefined();
    await expect(processCsv({ ...ports, uploads: broken }, id, 'm2', on)).rejects.toThrow('read-only');
    expect(await processCsv(ports, id, 'm3', on)).toStrictEqual({ end: 'finished' });
  });

  test('while a checkpoint is being kept lets go of the lease after it', async () => {
    const id = await begun(fileOf(400));
    const open: (() => void)[] = [];
    const imports = faulty(world.imports, {
      before: { replace: (_, { checkpoint, lease }) => checkpoint && lease && new Promise<void>((resolve) => open.push(resolve)) },
    });
    const rows = watchedThen(world.rows, 300, async () => {
      while (open.length === 0) await Promise.resolve();
      throw new Error('The disk is damaged.');
    });
    const reading = processCsv({ ...ports, imports, rows }, id, 'm1', on);
    reading.catch(() => undefined);
    await world.advance(0);
    expect(open).toHaveLength(1);
    while ((await headOf(id)).lease) {
      for (const keep of open.splice(0)) keep();
      await world.advance(0);
    }
    await expect(reading).rejects.toThrow('damaged');
    expect((await headOf(id)).checkpoint?.row).toBeGreaterThan(0);
  });

  test('says nothing about the import, and takes no lease, where another reads it by now', async () => {
    const id = await begun(fileOf(50));
    const rows = watchedThen(world.rows, 3, async () => {
      await takenByAnother(id);
      throw new Error('The disk is damaged.');
    });
    expect(await processCsv({ ...ports, rows }, id, 'm1', on)).toStrictEqual({ end: 'busy' });
    expect((await headOf(id)).lease?.holder).toBe('m2');
  });

  test('for want of the bytes, which another has read and let go of, says nothing about the import', async () => {
    const id = await begun(fileOf(50));
    let overtaken = false;
    const rows: RowReader = {
      detect: () => world.rows.detect(),
      read: async function* (bytes, dialect, from) {
        if (!overtaken) {
          overtaken = true;
          await world.advance(readerLeaseMs);
          expect(await processCsv(ports, id, 'm2', on)).toStrictEqual({ end: 'finished' });
        }
        yield* world.rows.read(bytes, dialect, from);
      },
    };
    expect(await processCsv({ ...ports, rows }, id, 'm1', on)).toStrictEqual({ end: 'busy' });
    expect(await headOf(id)).toMatchObject({ state: 'read', batches: 5 });
    expect(await processCsv(ports, id, 'm1', on)).toStrictEqual({ end: 'finished' });
  });
});

/** Takes the lease for another message. */
async function takenByAnother(id: string): Promise<void> {
  await world.imports.replace(leased(await headOf(id), 'm2', world.now()));
}

/** The reader, which gives all rows at once. */
function inOneBlock(reader: RowReader): RowReader {
  return {
    detect: (...args) => reader.detect(...args),
    async *read(...args): AsyncIterable<RowBlock> {
      const rows: RowBlock['rows'][number][] = [];
      for await (const block of reader.read(...args)) rows.push(...block.rows);
      yield { rows };
    },
  };
}

/** The reader, which does something once before it reads the block of that row. */
function watchedThen(reader: RowReader, ordinal: number, once: () => Promise<void>): RowReader {
  let done = false;
  return {
    detect: (...args) => reader.detect(...args),
    async *read(...args): AsyncIterable<RowBlock> {
      for await (const block of reader.read(...args)) {
        if (!done && block.rows[0]?.ordinal === ordinal) {
          done = true;
          await once();
        }
        yield block;
      }
    },
  };
}
