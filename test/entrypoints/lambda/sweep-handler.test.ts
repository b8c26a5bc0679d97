import { expect, test } from '@jest/globals';
import { newImport } from '../../../src/domain/user-import/import.ts';
import { sweepHandler } from '../../../src/entrypoints/lambda/sweep-handler.ts';
import { LedgerUnavailable } from '../../../src/ports/import-ledger.ts';
import { batchOf, recordsOf } from '../../contracts/batches.ts';
import { faulty } from '../../domain/faulty.ts';
import { noOptions } from '../../domain/plain.ts';
import { MemoryWorld } from '../../domain/world.ts';
import { lasting, RecordedTelemetry } from './invocations.ts';

const schedule = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

test('the schedule has those announced again whose welcome got lost', async () => {
  const world = new MemoryWorld();
  const telemetry = new RecordedTelemetry();
  const upload = { identity: 'i', location: 'l', name: 'n', size: 1 };
  await world.imports.create(newImport('import-a', upload, noOptions, true, undefined, world.now()));
  await world.users.store([batchOf(recordsOf(3))]);
  await world.imports.record([{ importId: 'import-a', firstRow: 1, outcomes: ['inserted', 'inserted', 'inserted'], rejections: [] }]);
  await world.feed.advance(await world.feed.receive(10, 0));

  const sweep = sweepHandler({ ...portsOf(world), telemetry });
  expect(await sweep(schedule, lasting(900_000))).toStrictEqual({ announced: 3 });
  expect(telemetry.events).toStrictEqual([{ level: 'warn', event: 'swept', facts: { announced: 3 } }]);
  // They are on their way now.
  expect(await sweep(schedule, lasting(900_000))).toStrictEqual({ announced: 0 });
  expect([telemetry.events.length, telemetry.flushed]).toStrictEqual([1, 2]);
});

test('a sweep that cannot look fails aloud', async () => {
  const world = new MemoryWorld();
  const telemetry = new RecordedTelemetry();
  const imports = faulty(world.imports, { before: { list: () => Promise.reject(new LedgerUnavailable('away')) } });
  await expect(sweepHandler({ ...portsOf(world), imports, telemetry })(schedule, lasting(900_000))).rejects.toThrow('away');
  expect(telemetry.events).toMatchObject([{ level: 'error', event: 'invocation-failed' }]);
});

function portsOf({ users, feed, imports, ledger, welcomes, welcomeSource, ids, clock }: MemoryWorld) {
  return { users, feed, imports, ledger, welcomes, welcomeSource, ids, clock };
}
