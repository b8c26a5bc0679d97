import { describe, expect, test } from '@jest/globals';
import type { Telemetry } from '../../src/ports/telemetry.ts';

/** What every telemetry promises: it takes whatever it is told, and never becomes the caller's problem. */
export function telemetryContract(label: string, make: () => Telemetry): void {
  describe(`${label} as Telemetry`, () => {
    const circular = new Error('circular');
    circular.cause = circular;

    test.each<[string, unknown]>([
      ['an error', new Error('broken')],
      ['an error with causes', new Error('broken', { cause: new Error('deeper', { cause: 'deepest' }) })],
      ['an error that causes itself', circular],
      ['a text', 'broken'],
      ['nothing', undefined],
      ['an object without a prototype', Object.create(null)],
      ['a symbol', Symbol('broken')],
    ])('takes %s', (_, error) => {
      expect(() => {
        make().error('failed', error, { importId: 'import-1' });
      }).not.toThrow();
    });

    test('takes facts, also unknown ones and none', () => {
      const telemetry = make();
      expect(() => {
        telemetry.debug('event');
        telemetry.info('event', {});
        telemetry.warn('event', { rows: 1, name: 'x', done: true, missing: undefined });
        telemetry.count('rows', 5, { stage: 'insert-records' });
        telemetry.count('rows', 5);
      }).not.toThrow();
    });
  });
}
