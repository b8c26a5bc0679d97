import { describe, expect, test } from '@jest/globals';
import { CsvRowReader } from '../../../src/adapters/csv/row-reader.ts';
import { emptyFile } from '../../../src/domain/user-import/plan-reading.ts';
import { tryRows, type Trial, type TrialBounds } from '../../../src/domain/user-import/try-rows.ts';
import type { ReadingOptions } from '../../../src/ports/vocabulary.ts';
import { upTo } from '../../contracts/world.ts';
import { noOptions, plainSyntax } from '../plain.ts';

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
  await Promise.resolve();
}

const tried = (text: string, bounds: Partial<TrialBounds> = {}, options: Partial<ReadingOptions> = {}): Promise<Trial> =>
  tryRows(
    { rows: new CsvRowReader(), syntax: plainSyntax },
    () => bytes(text),
    { ...noOptions, ...options },
    {
      rows: 100,
      told: 3,
      partial: false,
      ...bounds,
    },
  );

describe('rows on trial', () => {
  test('are judged as an import judges them, and the first ones are told', async () => {
    const trial = await tried('name;email\nAda;ada@example.com\n;b@example.com\nCy;c\nDee;d@example.com\n');
    expect(trial).toMatchObject({
      dialect: { delimiter: ';', encoding: 'utf-8' },
      firstRow: ['name', 'email'],
      valid: 2,
      rejected: 2,
      whole: true,
    });
    expect(trial.first.map(({ row, line, cells, record, rejection }) => [row, line, cells, record?.key ?? rejection?.code])).toStrictEqual([
      [1, 2, ['Ada', 'ada@example.com'], 'ada@example.com'],
      [2, 3, ['', 'b@example.com'], 'missing-name'],
      [3, 4, ['Cy', 'c'], 'invalid-address'],
    ]);
    expect(trial.firstRejected.map(({ row }) => row)).toStrictEqual([2, 3]);
    expect(trial.columns).toMatchObject({ header: ['name', 'email'], name: [0], email: 1 });
  });

  test('are read as it was wished for', async () => {
    const trial = await tried('Ada,L;ada@example.com\n', {}, { delimiter: ';', encoding: 'windows-1252' });
    expect(trial).toMatchObject({ dialect: { delimiter: ';', encoding: 'windows-1252' }, firstRow: ['Ada,L', 'ada@example.com'] });
  });

  test('are told up to a bound and counted beyond it, whatever became of them', async () => {
    const good = upTo(4).map((n) => `Name,user${n}@example.com\n`);
    expect((await tried(good.join(''))).first).toHaveLength(3);
    const bad = await tried(`name,email\n${'Name,nowhere\n'.repeat(4)}`);
    expect([bad.rejected, bad.first.length, bad.firstRejected.length]).toStrictEqual([4, 3, 3]);
    expect((await tried(`who,where\n${'Ada,London\n'.repeat(4)}`)).first).toHaveLength(3);
  });

  test('without a header, the first row is one of them', async () => {
    const trial = await tried('Ada,ada@example.com\n');
    expect(trial).toMatchObject({ valid: 1, firstRow: ['Ada', 'ada@example.com'] });
    expect(trial.columns?.header).toBeUndefined();
    expect(trial.first.map(({ row }) => row)).toStrictEqual([1]);
  });

  test('of a file without an address column are told as they stand, with why it is refused', async () => {
    const trial = await tried('who,where\nAda,London\n');
    expect(trial).toMatchObject({ refusal: { code: 'no-address-column' }, firstRow: ['who', 'where'], valid: 0, rejected: 0 });
    expect(trial.first).toStrictEqual([{ row: 1, line: 2, cells: ['Ada', 'London'] }]);
    expect(await tried('who,where\nAda,a@example.com\n', {}, { map: { name: '1', email: 'where' } })).toMatchObject({ valid: 1 });
    expect(await tried('\n')).toMatchObject({ refusal: emptyFile, firstRow: [] });
  });

  test('come to an end at the bound, and then not all were looked at', async () => {
    const file = 'email,name\na@example.com,A\nb@example.com,B\nc@example.com,C\n';
    expect(await tried(file, { rows: 2 })).toMatchObject({ valid: 2, whole: false });
    expect(await tried(file, { rows: 3 })).toMatchObject({ valid: 3, whole: true });
  });

  test('of the beginning of a file leave out the last one, which may be cut', async () => {
    const beginning = 'email,name\na@example.com,A\nb@example.com,"B';
    expect(await tried(beginning, { partial: true })).toMatchObject({ valid: 1, rejected: 0, whole: false });
    expect(await tried(beginning)).toMatchObject({ valid: 1, rejected: 1, whole: true });
    expect(await tried('email,name\na@example.com,A\nb@example.com,B\n', { partial: true, rows: 1 })).toMatchObject({
      valid: 1,
      whole: false,
    });
  });

  test('stop when they are asked to', async () => {
    expect(await tried('email,name\na@example.com,A\n', { stop: AbortSignal.abort() })).toMatchObject({ valid: 0 });
  });
});
