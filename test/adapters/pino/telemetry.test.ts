import { describe, expect, test } from '@jest/globals';
import { PinoTelemetry, type LogLevel } from '../../../src/adapters/pino/telemetry.ts';
import { LedgerUnavailable } from '../../../src/ports/import-ledger.ts';
import { telemetryContract } from '../../contracts/telemetry.contract.ts';

telemetryContract('PinoTelemetry', () => logging('debug').telemetry);

describe('PinoTelemetry', () => {
  test('writes one JSON object a line, with the event, its facts and the time', () => {
    const { telemetry, lines } = logging('info');
    telemetry.info('batch-stored', { importId: 'import-1', rows: 500, missing: undefined });
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        event: 'batch-stored',
        facts: { importId: 'import-1', rows: 500 },
      },
    ]);
  });

  test('writes an error with its code, its hint and its causes', () => {
    const { telemetry, lines } = logging('info');
    const cause = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
    telemetry.error('stage-failed', new LedgerUnavailable('The ledger is busy.', { cause, hint: 'Try again.' }), { stage: 'sweep' });
    expect(lines()).toEqual([
      {
        level: 'error',
        time: expect.any(String),
        event: 'stage-failed',
        facts: { stage: 'sweep' },
        error: {
          name: 'LedgerUnavailable',
          code: 'ledger-unavailable',
          message: 'The ledger is busy.',
          hint: 'Try again.',
          cause: { name: 'Error', code: 'SQLITE_BUSY', message: 'database is locked' },
          stack: expect.stringContaining('telemetry.test.ts'),
        },
      },
    ]);
  });

  test('writes what was thrown where it is no error', () => {
    const { telemetry, lines } = logging('info');
    telemetry.error('stage-failed', 'a text');
    expect(lines()).toEqual([expect.objectContaining({ error: { message: 'a text' } })]);
  });

  test('writes counts as lines of level debug', () => {
    const { telemetry, lines } = logging('debug');
    telemetry.count('rows', 500, { stage: 'insert-records' });
    expect(lines()).toEqual([
      { level: 'debug', time: expect.any(String), event: 'count', metric: 'rows', value: 500, facts: { stage: 'insert-records' } },
    ]);
  });

  test.each<[LogLevel, string[]]>([
    ['debug', ['debug', 'debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('at level %s writes %j', (level, written) => {
    const { telemetry, lines } = logging(level);
    telemetry.debug('event');
    telemetry.count('metric', 1);
    telemetry.info('event');
    telemetry.warn('event');
    telemetry.error('event', new Error('x'));
    expect(lines().map((line) => line['level'])).toEqual(written);
  });
});

/** A telemetry, and the lines that it wrote. */
function logging(level: LogLevel): { telemetry: PinoTelemetry; lines: () => Record<string, unknown>[] } {
  let written = '';
  const telemetry = new PinoTelemetry({ level, stream: { write: (line) => (written += line) } });
  const lines = (): Record<string, unknown>[] =>
    written
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { telemetry, lines };
}
