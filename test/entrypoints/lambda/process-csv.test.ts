import { beforeEach, describe, expect, test } from '@jest/globals';
import { legMs } from '../../../src/entrypoints/lambda/leg.ts';
import { queueHandler } from '../../../src/entrypoints/lambda/queue-handler.ts';
import { processCsvStage, type ProcessCsvStagePorts } from '../../../src/entrypoints/stages/process-csv.ts';
import { startImport } from '../../../src/domain/user-import/start-import.ts';
import type { RowReader } from '../../../src/ports/row-reader.ts';
import { present, upTo } from '../../contracts/world.ts';
import { noOptions } from '../../domain/plain.ts';
import { MemoryWorld } from '../../domain/world.ts';
import { lasting, RecordedTelemetry, sqsRecord } from './invocations.ts';

describe('a leg', () => {
  test.each([
    ['as long as is set', 120, 180_000, 120_000],
    ['30 s shorter than the invocation where that is less', 120, 100_000, 70_000],
    ['two thirds of an invocation that is short', 120, 9_000, 6_000],
    ['as long as is set, also where that is little', 2, 180_000, 2_000],
  ])('is %s', (_, legSeconds, leftMs, expected) => {
    expect(legMs(legSeconds, leftMs)).toBe(expected);
  });
});

describe('process-csv on Lambda', () => {
  let world: MemoryWorld;
  let ports: ProcessCsvStagePorts;
  let importId: string;
  beforeEach(async () => {
    world = new MemoryWorld();
    const upload = await world.upload([['name', 'email'], ...upTo(200).map((n) => ['Name', `user${n}@example.com`])]);
    ({ id: importId } = (await startImport(world, { upload, options: noOptions, welcome: true, again: false })).head);
    await world.uploadQueue.acknowledge((await world.uploadQueue.receive(1, 0)).map(({ receipt }) => receipt));
    const { imports, uploads, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids, random } = world;
    ports = { imports, uploads, rows: slow, syntax, records, uploadQueue, uploadCodec, deadLetters, clock, ids, random };
  });

  /** A second goes by with every row. */
  const slow: RowReader = {
    detect: () => world.rows.detect(),
    async *read(...args) {
      for await (const block of world.rows.read(...args)) {
        await world.advance(1_000 * block.rows.length);
        yield block;
      }
    },
  };

  const invoke = (id: string, text: string, leftMs: number) =>
    queueHandler(
      {
        clock: world.clock,
        telemetry: new RecordedTelemetry(),
        codec: world.uploadCodec,
        releases: () => ({ release: async () => undefined }),
      },
      (invocation) => processCsvStage(ports, { limits: { rows: 10, bytes: 100_000 }, legMs: legMs(120, invocation.leftMs) }),
      10_000,
    )({ Records: [sqsRecord(id, text)] }, lasting(leftMs));

  test('a reading that takes longer than its invocation sends its continuation, leg by leg to the end', async () => {
    let legs = 0;
    for (let text: string | undefined = JSON.stringify({ importId }); text !== undefined;) {
      legs += 1;
      const began = world.now();
      expect(await invoke(`m${legs}`, text, 90_000)).toStrictEqual({ batchItemFailures: [] });
      expect(world.now() - began).toBeLessThan(90_000);
      const [next] = await world.uploadQueue.receive(1, 0);
      text = next && world.uploadCodec.encode({ importId });
      if (next) await world.uploadQueue.acknowledge([next.receipt]);
    }
    expect(legs).toBeGreaterThan(2);
    expect(present(await world.imports.find(importId))).toMatchObject({ state: 'read', batches: 20 });
    const batches = world.records.texts().map((text) => (JSON.parse(text) as { readonly firstRow: number }).firstRow);
    expect([batches.length, new Set(batches).size]).toStrictEqual([20, 20]);
  });
});
