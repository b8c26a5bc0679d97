import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BatchResult, ImportHead, ImportLedger, ImportPart, Outcome, PartFailure, Progress } from '../../src/ports/import-ledger.ts';
import type { ImportId, Rejection } from '../../src/ports/vocabulary.ts';
import { present, testsNeeding, upTo, type Lacks, type World } from './world.ts';

/** An empty ledger. */
export interface ImportLedgerWorld extends World {
  readonly imports: ImportLedger;
  /** How many batch results the technology keeps; read behind the adapter. */
  peek(): Promise<number>;
  /** The same ledger through a connection of its own, as another process has it. Closed with the world. */
  peer?(): Promise<ImportLedger>;
}

export type ImportLedgerCapability =
  /** Several connections to one ledger. */
  'peer';

/** Everything that ImportLedger promises. */
export function importLedgerContract(
  label: string,
  factory: () => Promise<ImportLedgerWorld>,
  lacks: Lacks<ImportLedgerCapability> = {},
): void {
  const testNeeding = testsNeeding(lacks);

  describe(`${label} keeps the contract of ImportLedger`, () => {
    let world: ImportLedgerWorld;
    let imports: ImportLedger;
    beforeEach(async () => {
      world = await factory();
      imports = world.imports;
    });
    afterEach(() => world.close());

    describe('heads', () => {
      test('a created head is kept as it is, and absent fields stay absent', async () => {
        const bare = headOf('import-a');
        expect(await imports.create(bare)).toStrictEqual(bare);
        const found = present(await imports.find('import-a'));
        expect(found).toStrictEqual(bare);
        expect(Object.keys(found).sort()).toStrictEqual(Object.keys(bare).sort());
      });

      test('every field is kept', async () => {
        await imports.create(fullHead);
        expect(await imports.find(fullHead.id)).toStrictEqual(fullHead);
        await imports.create(refusedHead);
        expect(await imports.find(refusedHead.id)).toStrictEqual(refusedHead);
      });

      test('an unknown import is not found', async () => {
        expect(await imports.find('no such import')).toBeUndefined();
      });

      test('a head is created once; the answer is the one that is kept', async () => {
        await imports.create(headOf('import-a', { createdAt: 1 }));
        expect(await imports.create(headOf('import-a', { createdAt: 2 }))).toStrictEqual(headOf('import-a', { createdAt: 1 }));
        await imports.replace(headOf('import-a', { createdAt: 1, state: 'read', batches: 3 }));
        const kept = headOf('import-a', { createdAt: 1, state: 'read', batches: 3, revision: 1 });
        expect(await imports.create(headOf('import-a', { createdAt: 3 }))).toStrictEqual(kept);
      });

      test('of several who create at once one head is kept, and all learn which', async () => {
        const heads = await Promise.all(upTo(10).map((n) => imports.create(headOf('import-a', { createdAt: n }))));
        const kept = await imports.find('import-a');
        expect(heads).toStrictEqual(heads.map(() => kept));
      });

      test('a head replaces the one whose revision it has, wholly, and the revision rises', async () => {
        await imports.create(fullHead);
        const next = headOf(fullHead.id, { revision: fullHead.revision, state: 'completed', completedAt: 7 });
        expect(await imports.replace(next)).toBe(true);
        const found = present(await imports.find(fullHead.id));
        expect(found).toStrictEqual({ ...next, revision: fullHead.revision + 1 });
        expect(Object.keys(found)).not.toContain('lease');
      });

      test('a head of another revision, or of an unknown import, is not written', async () => {
        await imports.create(headOf('import-a'));
        await imports.replace(headOf('import-a', { state: 'read' }));
        for (const revision of [0, 2, 99]) {
          expect(await imports.replace(headOf('import-a', { state: 'refused', revision }))).toBe(false);
        }
        expect(await imports.find('import-a')).toStrictEqual(headOf('import-a', { state: 'read', revision: 1 }));
        expect(await imports.replace(headOf('no such import'))).toBe(false);
        expect(await imports.find('no such import')).toBeUndefined();
      });

      test('of several who replace one revision exactly one does', async () => {
        await imports.create(headOf('import-a'));
        const answers = await Promise.all(
          upTo(10).map((n) => imports.replace(headOf('import-a', { lease: { holder: `reader-${n}`, until: n } }))),
        );
        expect(answers.filter((written) => written)).toHaveLength(1);
        const kept = present(await imports.find('import-a'));
        expect(kept.revision).toBe(1);
        expect(kept.lease?.holder).toBe(`reader-${answers.indexOf(true) + 1}`);
      });

      test('what is done to a found head afterwards changes nothing', async () => {
        await imports.create(fullHead);
        const found = present(await imports.find(fullHead.id)) as unknown as { state: string; options: { keep: string[] } };
        found.state = 'completed';
        found.options.keep.push('changed');
        expect(await imports.find(fullHead.id)).toStrictEqual(fullHead);
      });

      test('the newest come first, and pages hold each once', async () => {
        for (const n of [3, 1, 5, 2, 4]) await imports.create(headOf(`import-${10 - n}`, { createdAt: n * 7 }));
        await imports.replace(headOf('import-9', { createdAt: 7, state: 'read' }));
        expect((await imports.list(10)).map(({ createdAt }) => createdAt)).toStrictEqual([35, 28, 21, 14, 7]);
        expect((await imports.list(2)).map(({ id }) => id)).toStrictEqual(['import-5', 'import-6']);
        expect((await imports.list(2, 'import-6')).map(({ id }) => id)).toStrictEqual(['import-7', 'import-8']);
        expect((await imports.list(2, 'import-8')).map(({ id }) => id)).toStrictEqual(['import-9']);
        expect(await imports.list(2, 'import-9')).toStrictEqual([]);
      });

      test('pages hold each once, also of those created at one moment', async () => {
        for (const n of upTo(9)) await imports.create(headOf(`import-${n}`, { createdAt: 1_000 + (n % 2) }));
        const seen: ImportHead[] = [];
        for (;;) {
          const page = await imports.list(2, seen.at(-1)?.id);
          if (page.length === 0) break;
          seen.push(...page);
        }
        expect(seen.map(({ id }) => id).sort()).toStrictEqual(upTo(9).map((n) => `import-${n}`));
        expect(seen.map(({ createdAt }) => createdAt)).toStrictEqual([1_001, 1_001, 1_001, 1_001, 1_001, 1_000, 1_000, 1_000, 1_000]);
      });
    });

    describe('batch results', () => {
      beforeEach(async () => {
        await imports.create(headOf('import-a'));
        await imports.create(headOf('import-b'));
      });

      test('an import without results has no progress', async () => {
        expect(await imports.progress('import-a')).toStrictEqual(nothing);
        expect(await imports.progress('no such import')).toStrictEqual(nothing);
      });

      test('the counts of all results are summed, each import by itself', async () => {
        await imports.record([
          resultOf('import-a', 1, ['inserted', 'inserted', 'duplicate', 'rejected']),
          resultOf('import-a', 5, ['updated', 'inserted']),
          resultOf('import-b', 1, ['rejected']),
        ]);
        await imports.record([resultOf('import-a', 7, ['rejected', 'rejected'])]);
        expect(await imports.progress('import-a')).toStrictEqual({
          ...nothing,
          batches: 3,
          inserted: 3,
          updated: 1,
          duplicates: 1,
          rejected: 3,
        });
        expect(await imports.progress('import-b')).toStrictEqual({ ...nothing, batches: 1, rejected: 1 });
      });

      test('recording nothing is harmless', async () => {
        await imports.record([]);
        expect(await imports.progress('import-a')).toStrictEqual(nothing);
      });

      test('a batch counts once, recorded again, twice in one call, or several times at once', async () => {
        const result = resultOf('import-a', 1, ['inserted', 'rejected']);
        await imports.record([result]);
        await imports.record([result]);
        await imports.record([result, resultOf('import-a', 3, ['inserted']), resultOf('import-a', 3, ['inserted'])]);
        await Promise.all(upTo(10).map(() => imports.record([result, resultOf('import-a', 4, ['updated'])])));
        expect(await imports.progress('import-a')).toStrictEqual({ ...nothing, batches: 3, inserted: 2, updated: 1, rejected: 1 });
        expect(await imports.rejections('import-a', 0, 10)).toHaveLength(1);
        expect(await world.peek()).toBe(3);
      });

      test('the first result of a batch stays', async () => {
        await imports.record([resultOf('import-a', 1, ['inserted', 'inserted'])]);
        await imports.record([resultOf('import-a', 1, ['duplicate', 'rejected'])]);
        expect(await imports.progress('import-a')).toStrictEqual({ ...nothing, batches: 1, inserted: 2 });
        expect((await imports.outcomes('import-a', 1, 10)).map(({ outcome }) => outcome)).toStrictEqual(['inserted', 'inserted']);
        expect(await imports.rejections('import-a', 0, 10)).toStrictEqual([]);
      });

      test('many results, recorded at once in any order, sum exactly', async () => {
        const results = upTo(200).map((n) =>
          resultOf('import-a', n * 10 - 9, Array<Outcome>(10).fill(n % 3 === 0 ? 'duplicate' : 'inserted')),
        );
        await Promise.all(upTo(20).map((n) => imports.record(results.filter((_, index) => index % 20 === n - 1).reverse())));
        expect(await imports.progress('import-a')).toStrictEqual({ ...nothing, batches: 200, inserted: 1_340, duplicates: 660 });
      });

      testNeeding('peer', 'results recorded through several connections sum exactly', async () => {
        const peer = await present(world.peer).call(world);
        const results = upTo(50).map((n) => resultOf('import-a', n * 2 - 1, ['inserted', 'rejected']));
        await Promise.all(results.flatMap((result) => [imports.record([result]), peer.record([result])]));
        expect(await peer.progress('import-a')).toStrictEqual({ ...nothing, batches: 50, inserted: 50, rejected: 50 });
        expect(await imports.progress('import-a')).toStrictEqual(await peer.progress('import-a'));
      });
    });

    describe('outcomes', () => {
      beforeEach(async () => {
        await imports.create(headOf('import-a'));
        await imports.create(headOf('import-b'));
        await imports.record([
          resultOf('import-a', 10, ['rejected', 'updated']),
          resultOf('import-b', 1, ['duplicate', 'duplicate', 'duplicate']),
          resultOf('import-a', 1, ['inserted', 'duplicate', 'rejected', 'inserted']),
        ]);
      });
      const rows = async (fromRow: number, limit: number) => (await imports.outcomes('import-a', fromRow, limit)).map(({ row }) => row);

      test('every row has its own, in order; rows without one yet are left out', async () => {
        expect(await imports.outcomes('import-a', 1, 100)).toStrictEqual([
          { row: 1, outcome: 'inserted' },
          { row: 2, outcome: 'duplicate' },
          { row: 3, outcome: 'rejected' },
          { row: 4, outcome: 'inserted' },
          { row: 10, outcome: 'rejected' },
          { row: 11, outcome: 'updated' },
        ]);
      });

      test('they start at any row, also amid a batch or in a gap', async () => {
        expect(await rows(3, 100)).toStrictEqual([3, 4, 10, 11]);
        expect(await rows(7, 100)).toStrictEqual([10, 11]);
        expect(await rows(11, 100)).toStrictEqual([11]);
        expect(await rows(12, 100)).toStrictEqual([]);
      });

      test('no more than the limit come at once', async () => {
        expect(await rows(2, 1)).toStrictEqual([2]);
        expect(await rows(2, 4)).toStrictEqual([2, 3, 4, 10]);
      });

      test('an unknown import has none', async () => {
        expect(await imports.outcomes('no such import', 1, 10)).toStrictEqual([]);
      });

      test('large batches are read by pages', async () => {
        await imports.create(headOf('import-c'));
        await imports.record(upTo(4).map((n) => resultOf('import-c', (n - 1) * 500 + 1, Array<Outcome>(500).fill('inserted'))));
        const seen: number[] = [];
        for (;;) {
          const page = await imports.outcomes('import-c', (seen.at(-1) ?? 0) + 1, 333);
          if (page.length === 0) break;
          seen.push(...page.map(({ row }) => row));
        }
        expect(seen).toStrictEqual(upTo(2_000));
      });
    });

    describe('rejections', () => {
      test('they are kept whole: cells, codes and whether they were cut', async () => {
        await imports.create(headOf('import-a'));
        const whole = rejectionOf(2, {
          column: '',
          cells: ['Zoë 李雷 🎉', '', 'a\u0000b', '=1+1', 'x\r\n"y"', 'ü'.repeat(20_000)],
          cut: true,
        });
        await imports.record([
          {
            importId: 'import-a',
            firstRow: 1,
            outcomes: ['inserted', 'rejected', 'rejected'],
            rejections: [whole, rejectionOf(3, { cells: [] })],
          },
        ]);
        expect(await imports.rejections('import-a', 0, 10)).toStrictEqual([whole, rejectionOf(3, { cells: [] })]);
      });

      test('they come by row, those after a row, page by page, each import by itself', async () => {
        await imports.create(headOf('import-a'));
        await imports.create(headOf('import-b'));
        await imports.record([
          resultOf('import-a', 100, ['rejected', 'inserted', 'rejected']),
          resultOf('import-b', 1, ['rejected']),
          resultOf('import-a', 9, ['rejected', 'rejected']),
        ]);
        const rows = async (afterRow: number, limit: number) =>
          (await imports.rejections('import-a', afterRow, limit)).map(({ row }) => row);
        expect(await rows(0, 10)).toStrictEqual([9, 10, 100, 102]);
        expect(await rows(9, 2)).toStrictEqual([10, 100]);
        expect(await rows(50, 1)).toStrictEqual([100]);
        expect(await rows(102, 10)).toStrictEqual([]);
        expect(await imports.rejections('no such import', 0, 10)).toStrictEqual([]);
      });
    });

    describe('failures', () => {
      beforeEach(async () => {
        await imports.create(headOf('import-a'));
        await imports.create(headOf('import-b'));
      });
      const note = (part: ImportPart, importId = 'import-a') => imports.noteFailure(failureOf(importId, part));
      const deadLetters = async (importId = 'import-a') => (await imports.progress(importId)).deadLetters;

      test('they are counted for each part of each import by itself', async () => {
        expect([
          await note(1),
          await note(1),
          await note(501),
          await note('upload'),
          await note(1, 'import-b'),
          await note(1),
        ]).toStrictEqual([1, 2, 1, 1, 1, 3]);
        expect(await deadLetters()).toBe(0);
      });

      test('several at once are counted each', async () => {
        const counts = await Promise.all(upTo(10).map(() => note(1)));
        expect([...counts].sort((a, b) => a - b)).toStrictEqual(upTo(10));
      });

      test('a part in dead letters shows in the progress, once, and its attempts start again', async () => {
        await note(1);
        await note(1);
        await imports.markDeadLettered(failureOf('import-a', 1));
        await imports.markDeadLettered(failureOf('import-a', 1));
        expect([await deadLetters(), await deadLetters('import-b')]).toStrictEqual([1, 0]);
        expect(await note(1)).toBe(1);
        expect(await deadLetters()).toBe(1);
      });

      test('a part can get into dead letters without having failed before', async () => {
        await imports.markDeadLettered(failureOf('import-a', 'upload'));
        await imports.markDeadLettered(failureOf('import-a', 1));
        await imports.markDeadLettered(failureOf('import-a', 501));
        expect(await imports.progress('import-a')).toStrictEqual({ ...nothing, deadLetters: 3 });
      });

      test('clearing a part forgets its attempts and its dead letter, and no other part', async () => {
        await note(501);
        await note('upload');
        await imports.markDeadLettered(failureOf('import-a', 1));
        await imports.markDeadLettered(failureOf('import-b', 1));
        await imports.clearFailure('import-a', 1);
        await imports.clearFailure('import-a', 'upload');
        await imports.clearFailure('import-a', 9_999);
        expect([await deadLetters(), await deadLetters('import-b')]).toStrictEqual([0, 1]);
        expect([await note(1), await note(501), await note('upload')]).toStrictEqual([1, 2, 1]);
      });

      test('the result of a batch forgets its failures, and no other', async () => {
        await note(501);
        await imports.markDeadLettered(failureOf('import-a', 1));
        await imports.markDeadLettered(failureOf('import-a', 'upload'));
        await imports.markDeadLettered(failureOf('import-b', 1));
        await note(1);
        await imports.record([resultOf('import-a', 1, ['inserted'])]);
        expect(await imports.progress('import-a')).toStrictEqual({ ...nothing, batches: 1, inserted: 1, deadLetters: 1 });
        expect(await deadLetters('import-b')).toBe(1);
        expect([await note(1), await note(501)]).toStrictEqual([1, 2]);
      });

      test('a batch that is recorded again has succeeded again: its failures are forgotten then, too', async () => {
        const result = resultOf('import-a', 1, ['inserted']);
        await imports.record([result]);
        await imports.markDeadLettered(failureOf('import-a', 1));
        expect(await deadLetters()).toBe(1);
        await imports.record([result]);
        expect(await imports.progress('import-a')).toStrictEqual({ ...nothing, batches: 1, inserted: 1 });
      });
    });

    testNeeding('peer', 'another connection sees it all', async () => {
      const peer = await present(world.peer).call(world);
      await imports.create(headOf('import-a'));
      expect(await peer.create(headOf('import-a', { createdAt: 9 }))).toStrictEqual(headOf('import-a'));
      const written = await Promise.all([imports, peer].map((ledger) => ledger.replace(headOf('import-a', { state: 'read' }))));
      expect([...written].sort()).toStrictEqual([false, true]);
      await imports.record([resultOf('import-a', 1, ['rejected'])]);
      await imports.noteFailure(failureOf('import-a', 2));
      expect(await peer.noteFailure(failureOf('import-a', 2))).toBe(2);
      expect(await peer.progress('import-a')).toStrictEqual({ ...nothing, batches: 1, rejected: 1 });
      expect(await peer.rejections('import-a', 0, 10)).toStrictEqual([rejectionOf(1)]);
    });
  });
}

const nothing: Progress = { batches: 0, inserted: 0, updated: 0, duplicates: 0, rejected: 0, deadLetters: 0 };

function headOf(id: ImportId, parts: Partial<ImportHead> = {}): ImportHead {
  return {
    id,
    revision: 0,
    upload: { identity: 'sha256:00', location: '/uploads/people.csv', name: 'people.csv', size: 1_000 },
    options: { map: {}, keep: [], onExisting: 'skip' },
    welcome: true,
    createdAt: 1_000,
    state: 'reading',
    ...parts,
  };
}

const fullHead = headOf('import-full', {
  revision: 3,
  upload: { identity: 'sha256:11', location: '/uploads/leute – 人.csv', name: 'leute – 人.csv', size: 10 ** 12 },
  options: { encoding: 'gb18030', delimiter: '\t', map: { email: 'E-Mail', name: '2' }, keep: ['*'], onExisting: 'update' },
  welcome: false,
  plan: {
    rules: 1,
    dialect: { encoding: 'gb18030', bom: 3, delimiter: '\t' },
    columns: { header: ['邮箱', '姓名', ''], email: 0, name: [1, 2], keep: [{ index: 2, as: 'city' }], rejects: true },
    batchRows: 500,
    batchBytes: 200_000,
  },
  lease: { holder: 'message-1', until: 61_000 },
  checkpoint: { position: { offset: 10 ** 11, ordinal: 1_001, line: 1_050 }, row: 1_000, batches: 2 },
  batches: 7,
  completedAt: 99_000,
});

const refusedHead = headOf('import-refused', {
  state: 'refused',
  refusal: { code: 'no-address-column', message: 'No column holds addresses.', hint: 'Name it with --map email=COLUMN.' },
});

function resultOf(importId: ImportId, firstRow: number, outcomes: readonly Outcome[]): BatchResult {
  const rejections = outcomes.flatMap((outcome, index) => (outcome === 'rejected' ? [rejectionOf(firstRow + index)] : []));
  return { importId, firstRow, outcomes, rejections };
}

function rejectionOf(row: number, parts: Partial<Rejection> = {}): Rejection {
  const reason = 'This is not an address. Correct it and import the row again.';
  return {
    row,
    line: row + 1,
    column: 'email',
    code: 'invalid-address',
    reason,
    cells: [`row ${row}`, 'no address'],
    cut: false,
    ...parts,
  };
}

function failureOf(importId: ImportId, part: ImportPart): PartFailure {
  return { importId, part, cause: 'The database was busy.', at: 5_000 };
}
