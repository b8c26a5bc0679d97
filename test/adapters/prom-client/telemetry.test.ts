import { describe, expect, test } from '@jest/globals';
import { MemoryTelemetry } from '../../../src/adapters/memory/telemetry.ts';
import { PromClientTelemetry } from '../../../src/adapters/prom-client/telemetry.ts';
import { telemetryContract } from '../../contracts/telemetry.contract.ts';

telemetryContract('PromClientTelemetry', () => new PromClientTelemetry(new MemoryTelemetry()));

describe('counts for Prometheus', () => {
  test('are summed by their labels; ids make no series', async () => {
    const telemetry = new PromClientTelemetry(new MemoryTelemetry());
    telemetry.count('messages', 2, { stage: 'announce', importId: 'a' });
    telemetry.count('messages', 3, { stage: 'announce', importId: 'b' });
    telemetry.count('messages', 1);
    telemetry.count('odd-name', -1);
    const text = await telemetry.text();
    expect(text).toContain('rollcall_messages_total{stage="announce"} 5\n');
    expect(text).toContain('rollcall_messages_total 1\n');
    expect(text).toContain('rollcall_odd_name_total 0\n');
    expect(text).not.toContain('importId');
    expect(telemetry.contentType).toMatch(/^text\/plain; version=/);
  });

  test('go on to the log as well, and so do its lines', () => {
    const lines = new MemoryTelemetry();
    const telemetry = new PromClientTelemetry(lines);
    telemetry.debug('a', { x: 1 });
    telemetry.info('b');
    telemetry.warn('c');
    telemetry.error('d', 'broken');
    telemetry.count('e', 1);
    expect(lines.events.map(({ level, event }) => `${level} ${event}`)).toStrictEqual(['debug a', 'info b', 'warn c', 'error d']);
    expect(lines.counts).toHaveLength(1);
  });

  test('stand beside numbers of the moment, looked up when they are asked for', async () => {
    const telemetry = new PromClientTelemetry(new MemoryTelemetry());
    let depths = [{ labels: { queue: 'uploads' }, value: 3 }];
    telemetry.gauge('queue_messages', 'Messages.', async () => depths);
    expect(await telemetry.text()).toContain('rollcall_queue_messages{queue="uploads"} 3');
    depths = [{ labels: { queue: 'records' }, value: 4 }];
    const text = await telemetry.text();
    expect(text).toContain('rollcall_queue_messages{queue="records"} 4');
    expect(text).not.toContain('queue="uploads"');
  });
});
