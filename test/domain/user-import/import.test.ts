import { describe, expect, test } from '@jest/globals';
import { MemoryIds } from '../../../src/adapters/memory/ids.ts';
import {
  completed,
  fullyRead,
  importId,
  isDone,
  isReadByAnother,
  leased,
  newImport,
  readerLeaseMs,
  released,
} from '../../../src/domain/user-import/import.ts';
import type { ImportHead, Progress, ReadingPlan } from '../../../src/ports/import-ledger.ts';
import type { ReadingOptions } from '../../../src/ports/vocabulary.ts';
import { noOptions } from '../plain.ts';

const upload = { identity: 'sha256:1', location: 'here', name: 'people.csv', size: 1 };
const head = newImport('import-a', upload, noOptions, true, undefined, 1_000);
const checkpoint = { position: { offset: 10, ordinal: 3, line: 3 }, row: 2, batches: 1 };

describe('importId', () => {
  const ids = new MemoryIds();
  const full: ReadingOptions = { encoding: 'utf-8', delimiter: ';', map: { email: 'a', name: 'b' }, keep: ['c'], onExisting: 'skip' };
  const idOf = (options: Partial<ReadingOptions>, generation = 0, identity = 'sha256:1') =>
    importId(ids, { ...upload, identity }, { ...full, ...options }, generation);

  test('the same bytes read in the same way are the same import, wherever they lie', () => {
    expect(importId(ids, { ...upload, location: 'there', name: 'x.csv', size: 2 }, full, 0)).toBe(idOf({}));
  });

  test.each([
    ['other bytes', idOf({}, 0, 'sha256:2')],
    ['another encoding', idOf({ encoding: 'gb18030' })],
    ['another delimiter', idOf({ delimiter: ',' })],
    ['another address column', idOf({ map: { email: 'x', name: 'b' } })],
    ['another name column', idOf({ map: { email: 'a', name: 'x' } })],
    ['no mapping', idOf({ map: {} })],
    ['other columns to keep', idOf({ keep: ['d'] })],
    ['more columns to keep', idOf({ keep: ['c', 'd'] })],
    ['columns to keep whose names join to the same', idOf({ keep: ['c,d'] })],
    ['another way with existing users', idOf({ onExisting: 'update' })],
    ['another generation', idOf({}, 1)],
    ['nothing wished for', importId(ids, upload, noOptions, 0)],
  ])('%s make another one', (_, id) => {
    expect(id).not.toBe(idOf({}));
  });

  test('it is made of these parts', () => {
    const parts = ['import', 'sha256:1', '', '', '', '', '[]', 'skip', '0'];
    expect(importId(ids, upload, noOptions, 0)).toBe(ids.derived(...parts));
  });
});

describe('the head', () => {
  const plan = { rules: 1 } as ReadingPlan;
  test('at first', () => {
    const first = { id: 'import-a', revision: 0, upload, options: noOptions, welcome: true, createdAt: 1_000, state: 'reading' };
    expect(newImport('import-a', upload, noOptions, true, undefined, 1_000)).toStrictEqual(first);
    expect(newImport('import-a', upload, noOptions, false, plan, 1_000)).toStrictEqual({ ...first, welcome: false, plan });
  });

  test('under a lease, with and without a checkpoint', () => {
    const lease = { holder: 'm1', until: 2_000 + readerLeaseMs };
    expect(leased(head, 'm1', 2_000)).toStrictEqual({ ...head, lease });
    expect(leased({ ...head, checkpoint }, 'm1', 2_000)).toStrictEqual({ ...head, checkpoint, lease });
    expect(leased(head, 'm1', 2_000, checkpoint)).toStrictEqual({ ...head, checkpoint, lease });
    expect(readerLeaseMs).toBe(60_000);
  });

  test('released', () => {
    const held = leased(head, 'm1', 2_000);
    expect(released(held)).toStrictEqual(head);
    expect(released(held, checkpoint)).toStrictEqual({ ...head, checkpoint });
    expect(released({ ...held, checkpoint })).toStrictEqual({ ...head, checkpoint });
  });

  test('fully read', () => {
    expect(fullyRead(leased(head, 'm1', 2_000), checkpoint)).toStrictEqual({ ...head, checkpoint, state: 'read', batches: 1 });
  });

  test('completed', () => {
    expect(completed({ ...head, state: 'read' }, 3_000)).toStrictEqual({ ...head, state: 'completed', completedAt: 3_000 });
  });
});

test.each<[string, Partial<ImportHead>, boolean]>([
  ['nobody', {}, false],
  ['the one who asks', { lease: { holder: 'm1', until: 2_001 } }, false],
  ['another', { lease: { holder: 'm2', until: 2_001 } }, true],
  ['another whose time is just over', { lease: { holder: 'm2', until: 2_000 } }, false],
])('an import that is read by %s', (_, parts, byAnother) => {
  expect(isReadByAnother({ ...head, ...parts }, 'm1', 2_000)).toBe(byAnother);
});

test.each<[ImportHead['state'], number | undefined, number, boolean]>([
  ['read', 3, 3, true],
  ['read', 3, 2, false],
  ['read', 0, 0, true],
  ['reading', 3, 3, false],
  ['reading', undefined, 0, false],
  ['completed', 3, 3, false],
  ['refused', 3, 3, false],
])('in state %s with %s batches, %d of them done, it is done: %s', (state, batches, done, answer) => {
  const progress: Progress = { batches: done, inserted: 0, updated: 0, duplicates: 0, rejected: 0, deadLetters: 0 };
  expect(isDone({ ...head, state, ...(batches !== undefined && { batches }) }, progress)).toBe(answer);
});
