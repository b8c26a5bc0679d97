import { describe, expect, test } from '@jest/globals';
import { newImport } from '../../../src/domain/user-import/import.ts';
import { rate, secondsLeft, shownState, summarise } from '../../../src/domain/user-import/progress.ts';
import type { ImportHead, Progress } from '../../../src/ports/import-ledger.ts';
import type { WelcomeTotals } from '../../../src/ports/welcome-ledger.ts';
import { noOptions } from '../plain.ts';

const head = newImport('import-a', { identity: 'i', location: 'l', name: 'n', size: 1 }, noOptions, true, undefined, 10_000);
const progress: Progress = { batches: 2, inserted: 100, updated: 20, duplicates: 3, rejected: 4, deadLetters: 0 };
const totals: WelcomeTotals = { waiting: 1, claimed: 2, sent: 30, uncertain: 5, refused: 6, failed: 7, everUncertain: 8 };

describe('summarise', () => {
  test('it sums up rows and welcomes', () => {
    expect(summarise(head, progress, totals, 12_345)).toStrictEqual({
      import: 'import-a',
      state: 'reading',
      rows: 127,
      inserted: 100,
      updated: 20,
      duplicates: 3,
      rejected: 4,
      welcomed: 30,
      uncertain: 8,
      failed: 13,
      waiting: 52,
      seconds: 2.35,
    });
  });

  test.each([
    ['no welcome is wanted', { welcome: false }, totals, 0],
    ['more welcomes are ended than users are counted yet', {}, { ...totals, sent: 1_000 }, 0],
    ['the last one is still to be sent', {}, { ...totals, sent: 81 }, 1],
    ['all are ended', {}, { ...totals, sent: 82 }, 0],
  ])('waiting where %s', (_, parts, of, waiting) => {
    expect(summarise({ ...head, ...parts }, progress, of, 12_345).waiting).toBe(waiting);
  });

  test('time stops when it is completed', () => {
    expect(summarise({ ...head, state: 'completed', completedAt: 10_500 }, progress, totals, 99_000)).toMatchObject({
      state: 'completed',
      seconds: 0.5,
    });
  });
});

test.each<[ImportHead['state'], number, string]>([
  ['reading', 0, 'reading'],
  ['read', 0, 'storing'],
  ['completed', 0, 'completed'],
  ['refused', 0, 'refused'],
  ['reading', 1, 'incomplete'],
  ['read', 1, 'incomplete'],
  ['completed', 1, 'completed'],
  ['refused', 1, 'refused'],
])('state %s with %d dead letters is shown as %s', (state, deadLetters, shown) => {
  expect(shownState({ ...head, state }, { ...progress, deadLetters })).toBe(shown);
});

test('the rate between two looks', () => {
  expect(rate({ at: 1_000, count: 10 }, { at: 3_000, count: 110 })).toBe(50);
  expect(rate({ at: 1_000, count: 10 }, { at: 1_000, count: 110 })).toBe(0);
  expect(rate({ at: 1_000, count: 10 }, { at: 500, count: 110 })).toBe(0);
});

test('the time that is left', () => {
  expect(secondsLeft(40, 100, 20)).toBe(3);
  expect(secondsLeft(120, 100, 20)).toBe(0);
  expect(secondsLeft(40, 100, 0)).toBeUndefined();
});
