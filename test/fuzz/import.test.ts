import { describe, expect } from '@jest/globals';
import fc from 'fast-check';
import type { UserRecord, Rejection } from '../../src/ports/vocabulary.ts';
import { judgeRow } from '../../src/domain/user-import/rows.ts';
import { present } from '../contracts/world.ts';
import { circumstances, csvFiles, inOnePiece } from './csv-files.ts';
import { rowsOfEveryLine } from './every-line.ts';
import { batchOf, FuzzedImport, syntax } from './fuzzed-import.ts';
import { property } from './property.ts';

describe('the import of any file', () => {
  const limits = fc.record({ rows: fc.integer({ min: 1, max: 5 }), bytes: fc.constantFrom(600, 900, 100_000) });
  const options = fc.record({ keep: fc.constantFrom([], ['*']), encoded: fc.boolean() });

  property(
    'has every row in exactly one batch, as a record or a rejection, and no batch is larger than allowed',
    fc.tuple(csvFiles, circumstances, limits, options),
    async ([file, circumstance, batchLimits, wishes]) => {
      const how = { cuts: [], limits: inOnePiece(circumstance.limits) };
      const trial = new FuzzedImport(file, how, batchLimits, wishes);
      await trial.readOn();
      const head = await trial.head();
      const texts = trial.texts();
      if (head.state === 'refused') {
        expect(texts).toStrictEqual([]);
        return;
      }
      expect([head.state, head.batches]).toStrictEqual([texts.length > 0 ? 'read' : 'completed', texts.length]);

      const { columns, dialect } = present(head.plan);
      const rows = await rowsOfEveryLine(how.limits, { bytes: file.bytes, dialect });
      const judged = rows.slice(columns.header ? 1 : 0).map((row) => judgeRow(columns, row, syntax));
      const found: (UserRecord | Rejection)[] = [];
      for (const text of texts) {
        const { firstRow, rows: count, records, rejections } = batchOf(text);
        expect([firstRow, count]).toStrictEqual([found.length + 1, records.length + rejections.length]);
        expect(count <= batchLimits.rows && (count === 1 || Buffer.byteLength(text) <= batchLimits.bytes)).toBe(true);
        found.push(...[...records, ...rejections].sort((one, other) => one.row - other.row));
      }
      expect(found).toStrictEqual(judged.map(({ record, rejection }) => record ?? rejection));
      expect(found.map(({ row }) => row)).toStrictEqual(found.map((_, index) => index + 1));
    },
  );

  const legs = fc.array(fc.record({ blocks: fc.integer({ min: 1, max: 12 }), dies: fc.boolean() }), { maxLength: 4 });

  property(
    'sends the same batches however the bytes are split, and however often its reading is stopped or dies',
    fc.tuple(csvFiles, circumstances, limits, options, legs, fc.array(fc.nat(), { maxLength: 2 })),
    async ([file, how, batchLimits, wishes, interruptions, picks]) => {
      const whole = new FuzzedImport(file, { cuts: [], limits: inOnePiece(how.limits) }, batchLimits, wishes);
      await whole.readOn();
      const expected = whole.texts();
      const { state, refusal, batches } = await whole.head();

      const disturbed = new FuzzedImport(file, how, batchLimits, wishes);
      for (const leg of interruptions) await disturbed.readOn(leg);
      await disturbed.readOn();
      expect(disturbed.texts()).toStrictEqual(expected);
      const head = await disturbed.head();
      expect([head.state, head.refusal, head.batches]).toStrictEqual([state, refusal, batches]);

      const kept = disturbed.checkpoints;
      for (const checkpoint of new Set(picks.map((pick) => kept[pick % kept.length]))) {
        if (!checkpoint) continue;
        const resumed = new FuzzedImport(file, how, batchLimits, wishes);
        await resumed.begin({ plan: present(head.plan), checkpoint });
        await resumed.readOn();
        expect(resumed.texts()).toStrictEqual(expected.filter((text) => batchOf(text).firstRow > checkpoint.row));
        expect((await resumed.head()).batches).toBe(batches);
      }
    },
  );
});
