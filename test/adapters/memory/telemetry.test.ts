import { expect, test } from '@jest/globals';
import { MemoryTelemetry } from '../../../src/adapters/memory/telemetry.ts';
import { telemetryContract } from '../../contracts/telemetry.contract.ts';

telemetryContract('MemoryTelemetry', () => new MemoryTelemetry());

test('events are kept in order, with the facts as they were', () => {
  const telemetry = new MemoryTelemetry();
  const facts = { rows: 1 };
  const error = new Error('broken');
  telemetry.debug('started');
  telemetry.info('read', facts);
  facts.rows = 2;
  telemetry.warn('slow', { ms: 5 });
  telemetry.error('failed', error, { importId: 'import-a' });
  expect(telemetry.events).toStrictEqual([
    { level: 'debug', event: 'started', facts: {} },
    { level: 'info', event: 'read', facts: { rows: 1 } },
    { level: 'warn', event: 'slow', facts: { ms: 5 } },
    { level: 'error', event: 'failed', error, facts: { importId: 'import-a' } },
  ]);
});

test('counters are summed by name', () => {
  const telemetry = new MemoryTelemetry();
  telemetry.count('sent', 2, { importId: 'import-a' });
  telemetry.count('sent', 3);
  telemetry.count('refused', 1);
  expect([telemetry.total('sent'), telemetry.total('refused'), telemetry.total('other')]).toStrictEqual([5, 1, 0]);
  expect(telemetry.counts[0]).toStrictEqual({ metric: 'sent', value: 2, facts: { importId: 'import-a' } });
});
