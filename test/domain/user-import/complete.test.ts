import { expect, test } from '@jest/globals';
import { completeIfDone } from '../../../src/domain/user-import/complete.ts';
import { newImport } from '../../../src/domain/user-import/import.ts';
import type { ImportHead } from '../../../src/ports/import-ledger.ts';
import { faulty } from '../faulty.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

const head = newImport('import-a', { identity: 'i', location: 'l', name: 'n', size: 1 }, noOptions, true, undefined, 1_000);
const result = { importId: 'import-a', firstRow: 1, outcomes: ['inserted'], rejections: [] } as const;

test.each<[string, Partial<ImportHead>, ImportHead['state']]>([
  ['all batches are done', { state: 'read', batches: 1 }, 'completed'],
  ['there is one to come', { state: 'read', batches: 2 }, 'read'],
  ['rows are still read', { state: 'reading' }, 'reading'],
  ['it was refused', { state: 'refused' }, 'refused'],
])('where %s', async (_, parts, state) => {
  const { imports, clock } = new MemoryWorld();
  await imports.create({ ...head, ...parts });
  await imports.record([result]);
  await completeIfDone({ imports, clock }, 'import-a');
  const found = await imports.find('import-a');
  expect(found?.state).toBe(state);
  expect(found?.completedAt).toBe(state === 'completed' ? clock.now() : undefined);
});

test('an import that is not there is nothing to complete', async () => {
  const { imports, clock } = new MemoryWorld();
  await completeIfDone({ imports, clock }, 'import-a');
  expect(await imports.find('import-a')).toBeUndefined();
});

test('who comes second looks again, and leaves a completed import alone', async () => {
  const { imports, clock } = new MemoryWorld();
  await imports.create({ ...head, state: 'read', batches: 1 });
  await imports.record([result]);
  const late = faulty(imports, {
    before: {
      replace: async (call) => {
        if (call > 1) throw new Error('It was completed before.');
        await completeIfDone({ imports, clock }, 'import-a');
        await clock.advance(1_000);
      },
    },
  });
  const completedAt = clock.now();
  await completeIfDone({ imports: late, clock }, 'import-a');
  expect(await imports.find('import-a')).toMatchObject({ state: 'completed', completedAt });
});

test('who is overtaken by another change completes it all the same', async () => {
  const { imports, clock } = new MemoryWorld();
  await imports.create({ ...head, state: 'read', batches: 1 });
  await imports.record([result]);
  const overtaken = faulty(imports, {
    before: {
      replace: async (call) => {
        const kept = await imports.find('import-a');
        if (call === 1 && kept) await imports.replace(kept);
      },
    },
  });
  await completeIfDone({ imports: overtaken, clock }, 'import-a');
  expect((await imports.find('import-a'))?.state).toBe('completed');
});
