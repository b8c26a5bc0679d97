import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { PowertoolsTelemetry, type PowertoolsOptions } from '../../../src/adapters/powertools/telemetry.ts';
import { MailPaused } from '../../../src/ports/mailer.ts';
import { telemetryContract } from '../../contracts/telemetry.contract.ts';

let written: string;

beforeEach(() => {
  written = '';
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
});

telemetryContract('PowertoolsTelemetry', () => made({ level: 'debug' }));

describe('PowertoolsTelemetry', () => {
  test('writes one JSON object a line, with the event, its facts and the time', () => {
    made().info('batch-stored', { importId: 'import-1', firstRow: 501, missing: undefined });
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'batch-stored',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        service: 'rollcall-test-insert-records',
        facts: { importId: 'import-1', firstRow: 501 },
      }),
    ]);
  });

  test('facts take the place of no field of the line', () => {
    made().info('event', { level: 'x', message: 'x', timestamp: 'x', service: 'x', error: 'x' });
    expect(lines()).toEqual([expect.objectContaining({ level: 'INFO', message: 'event', facts: expect.objectContaining({ level: 'x' }) })]);
  });

  test('writes an error with its code, its hint and its causes', () => {
    const cause = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    made().error('stage-failed', new MailPaused('SES cannot be reached', { cause, hint: 'Check the network.' }), { stage: 'send-email' });
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        message: 'stage-failed',
        facts: { stage: 'send-email' },
        error: {
          name: 'MailPaused',
          code: 'mail-paused',
          message: 'SES cannot be reached',
          hint: 'Check the network.',
          cause: { name: 'Error', code: 'ECONNRESET', message: 'socket hang up' },
          stack: expect.stringContaining('telemetry.test.ts'),
        },
      }),
    ]);
  });

  test.each([
    ['ann@example.com', '(address)'],
    ['failed the check: ann@example.com, Bob <bob+x@mail.example.org>', 'failed the check: (address), Bob <(address)>'],
    ["o'neil@example.com; 王@例え.example.com.", '(address); (address)'],
    ['<"a b"@example.com>', '<(address)>'],
    ['at file:///srv/node_modules/@aws-sdk/client-ses/index.js:1:2', 'at file:///srv/node_modules/@aws-sdk/client-ses/index.js:1:2'],
  ])('masks the addresses of %j', (text, shown) => {
    made().error('failed', new Error(text, { cause: text }), { cause: text });
    made().warn('trouble', { cause: text });
    made().error('failed', text);
    const [first, second, third] = lines();
    expect(first).toMatchObject({ facts: { cause: shown }, error: { message: shown, cause: { message: shown } } });
    expect(second).toMatchObject({ facts: { cause: shown } });
    expect(third).toMatchObject({ error: { message: shown } });
    if (text !== shown) expect(written).not.toContain(text);
  });

  test('lines carry the request of the invocation', () => {
    const telemetry = made();
    telemetry.info('before');
    telemetry.begin({ awsRequestId: 'request-1', functionName: 'f', memoryLimitInMB: '512' } as Context);
    telemetry.info('after');
    expect(lines().map((line) => line['function_request_id'])).toEqual([undefined, 'request-1']);
  });

  test('lines carry the id of the trace', () => {
    const before = process.env['_X_AMZN_TRACE_ID'];
    process.env['_X_AMZN_TRACE_ID'] = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1';
    try {
      made().info('event');
    } finally {
      if (before === undefined) delete process.env['_X_AMZN_TRACE_ID'];
      else process.env['_X_AMZN_TRACE_ID'] = before;
    }
    expect(lines()).toEqual([expect.objectContaining({ xray_trace_id: '1-5759e988-bd862e3fe1be46a994272793' })]);
  });

  test.each<[PowertoolsOptions['level'], string[]]>([
    ['debug', ['DEBUG', 'INFO', 'WARN', 'ERROR']],
    ['info', ['INFO', 'WARN', 'ERROR']],
    ['warn', ['WARN', 'ERROR']],
    ['error', ['ERROR']],
    ['silent', []],
  ])('at level %s writes %j', (level, expected) => {
    const telemetry = made({ level });
    telemetry.debug('event');
    telemetry.info('event');
    telemetry.warn('event');
    telemetry.error('event', new Error('x'));
    expect(lines().map((line) => line['level'])).toEqual(expected);
  });

  describe('counts', () => {
    test('are summed, and written at the end of an invocation, once', () => {
      const telemetry = made();
      telemetry.count('rows', 500);
      telemetry.count('rows', 250, { importId: 'import-1' });
      telemetry.count('batches', 2);
      expect(written).toBe('');
      telemetry.flush();
      expect(lines()).toEqual([
        {
          _aws: {
            Timestamp: expect.any(Number),
            CloudWatchMetrics: [
              {
                Namespace: 'Rollcall',
                Dimensions: [['service', 'stage']],
                Metrics: [
                  { Name: 'rows', Unit: 'Count' },
                  { Name: 'batches', Unit: 'Count' },
                ],
              },
            ],
          },
          service: 'rollcall-test-insert-records',
          stage: 'insert-records',
          rows: 750,
          batches: 2,
        },
      ]);
      telemetry.flush();
      expect(lines()).toHaveLength(1);
    });

    test('of each verdict stand apart', () => {
      const telemetry = made();
      telemetry.count('messages', 9, { stage: 'insert-records', verdict: 'acknowledge' });
      telemetry.count('messages', 1, { stage: 'insert-records', verdict: 'release' });
      telemetry.flush();
      expect(lines().map(({ stage, verdict, messages }) => [stage, verdict, messages])).toEqual([
        ['insert-records', 'acknowledge', 9],
        ['insert-records', 'release', 1],
      ]);
    });

    test('of nothing write nothing', () => {
      const telemetry = made();
      telemetry.count('messages', 0, { verdict: 'release' });
      telemetry.flush();
      expect(written).toBe('');
    });

    test('are written at every level', () => {
      const telemetry = made({ level: 'silent' });
      telemetry.count('rows', 1);
      telemetry.flush();
      expect(lines()).toHaveLength(1);
    });
  });
});

function made(options: Partial<PowertoolsOptions> = {}): PowertoolsTelemetry {
  return new PowertoolsTelemetry({ level: 'info', service: 'rollcall-test-insert-records', stage: 'insert-records', ...options });
}

function lines(): Record<string, unknown>[] {
  return written
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
