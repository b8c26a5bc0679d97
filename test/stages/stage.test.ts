import { describe, expect, test } from '@jest/globals';
import { acknowledged, isUnavailable, verdictOnError, verdictOnUnreadable } from '../../src/entrypoints/stages/stage.ts';
import { LedgerUnavailable } from '../../src/ports/import-ledger.ts';
import { QueueUnavailable } from '../../src/ports/message-queue.ts';
import { UploadMissing } from '../../src/ports/upload-store.ts';
import { faulty } from '../domain/faulty.ts';
import { MemoryWorld } from '../domain/world.ts';
import { longest, raising, unreadable } from './deliveries.ts';

const away = new LedgerUnavailable('away');
const odd = new Error('odd');

describe('verdictOnError', () => {
  const verdictOn = (error: unknown, receives = 1, decide?: () => Promise<typeof acknowledged>) =>
    verdictOnError({ receives }, longest, error, decide);

  test.each([
    [1, 250],
    [2, 500],
    [5, 4_000],
    [50, 300_000],
  ])('a service that does not answer: delivery %d comes again after %d ms, whatever would be decided', async (receives, delayMs) => {
    const verdict = { verdict: 'release', delayMs, error: away, trouble: away };
    expect(await verdictOn(away, receives)).toStrictEqual(verdict);
    expect(await verdictOn(away, receives, raising(odd))).toStrictEqual(verdict);
  });

  test('any other error is decided on', async () => {
    const decided: unknown[] = [];
    const verdict = await verdictOnError({ receives: 1 }, longest, odd, (error) => {
      decided.push(error);
      return Promise.resolve(acknowledged);
    });
    expect([verdict, decided]).toStrictEqual([acknowledged, [odd]]);
  });

  test('without anyone to decide, the message comes again, and nobody is slowed down', async () => {
    expect(await verdictOn(odd)).toStrictEqual({ verdict: 'release', delayMs: 250, error: odd });
  });

  test('where deciding fails, the message comes again for that reason', async () => {
    expect(await verdictOn(odd, 2, () => Promise.reject(away))).toStrictEqual({
      verdict: 'release',
      delayMs: 500,
      error: away,
      trouble: away,
    });
    const other = new Error('other');
    expect(await verdictOn(odd, 1, () => Promise.reject(other))).toStrictEqual({ verdict: 'release', delayMs: 250, error: other });
  });
});

describe('verdictOnUnreadable', () => {
  test('the text lies in dead letters before it is acknowledged', async () => {
    const { deadLetters, clock, ids } = new MemoryWorld();
    const ports = { deadLetters, clock, ids, random: longest };
    expect(await verdictOnUnreadable(ports, 'records', unreadable(), 'gibberish', 'it is not JSON')).toStrictEqual(acknowledged);
    expect(await deadLetters.list({}, 10)).toMatchObject([{ queue: 'records', text: 'gibberish', code: 'unreadable-message' }]);
  });

  test('where that fails, it comes again', async () => {
    const { deadLetters, clock, ids } = new MemoryWorld();
    const error = new QueueUnavailable('away');
    const ports = { deadLetters: faulty(deadLetters, { before: { put: raising(error) } }), clock, ids, random: longest };
    const verdict = await verdictOnUnreadable(ports, 'records', unreadable(), 'gibberish', 'it is not JSON');
    expect(verdict).toStrictEqual({ verdict: 'release', delayMs: 250, error, trouble: error });
  });
});

test.each([
  [away, true],
  [new UploadMissing('gone'), false],
  [odd, false],
  [undefined, false],
])('%s: a service that does not answer? %s', (error, answer) => {
  expect(isUnavailable(error)).toBe(answer);
});
