import { describe, expect, test } from '@jest/globals';
import { rulesVersion } from '../../../src/domain/user-import/import.ts';
import { planReading } from '../../../src/domain/user-import/plan-reading.ts';
import type { Dialect, RowBlock, RowReader } from '../../../src/ports/row-reader.ts';
import { noOptions } from '../plain.ts';
import { MemoryWorld } from '../world.ts';

const limits = { rows: 10, bytes: 1_000 };
const dialect: Dialect = { encoding: 'gb18030', bom: 0, delimiter: ';' };

/** Answers with these blocks, and remembers what it was asked. */
class ScriptedReader implements RowReader {
  readonly wanted: unknown[] = [];
  readonly dialects: Dialect[] = [];
  blocksRead = 0;
  readonly #blocks: readonly RowBlock[];

  constructor(blocks: readonly RowBlock[]) {
    this.#blocks = blocks;
  }

  detect(_: AsyncIterable<Uint8Array>, wanted: object): Promise<Dialect> {
    this.wanted.push(wanted);
    return Promise.resolve(dialect);
  }

  async *read(_: AsyncIterable<Uint8Array>, of: Dialect): AsyncIterable<RowBlock> {
    this.dialects.push(of);
    for (const block of this.#blocks) {
      this.blocksRead++;
      yield await Promise.resolve(block);
    }
  }
}

const block = (...rows: readonly (readonly string[])[]): RowBlock => ({
  rows: rows.map((cells, index) => ({ ordinal: index, line: index + 1, cells })),
});

async function planned(blocks: readonly RowBlock[], options = {}) {
  const { uploads, syntax } = new MemoryWorld();
  const upload = await new MemoryWorld().upload([]);
  const rows = new ScriptedReader(blocks);
  return { rows, plan: await planReading({ uploads, rows, syntax }, upload, { ...noOptions, ...options }, limits) };
}

describe('planReading', () => {
  test('the plan holds the rules, the dialect, the columns and the limits', async () => {
    const { plan, rows } = await planned([block(['name', 'email'], ['Ada', 'ada@example.com'])]);
    expect(plan).toStrictEqual({
      rules: rulesVersion,
      dialect,
      columns: { header: ['name', 'email'], email: 1, name: [0], keep: [] },
      batchRows: 10,
      batchBytes: 1_000,
    });
    expect(rows.dialects).toStrictEqual([dialect]);
    expect(rulesVersion).toBe(1);
  });

  test.each([
    [{}, {}],
    [{ encoding: 'gb18030' }, { encoding: 'gb18030' }],
    [{ delimiter: ';' }, { delimiter: ';' }],
    [
      { encoding: 'gb18030', delimiter: ';' },
      { encoding: 'gb18030', delimiter: ';' },
    ],
  ])('of %j the reader hears %j', async (options, wanted) => {
    const { rows } = await planned([block(['email'])], options);
    expect(rows.wanted).toStrictEqual([wanted]);
  });

  test('blocks without rows are skipped, and nothing behind the first row is read', async () => {
    const { plan, rows } = await planned([block(), block(), block(['email']), block(['x'])]);
    expect(plan).toMatchObject({ columns: { email: 0 } });
    expect(rows.blocksRead).toBe(3);
  });

  test('a refusal of the columns is the answer', async () => {
    expect((await planned([block(['x'])])).plan).toMatchObject({ code: 'no-address-column' });
  });

  test.each([
    ['no blocks', []],
    ['no rows', [block()]],
  ])('a file of %s is refused', async (_, blocks) => {
    expect((await planned(blocks)).plan).toStrictEqual({
      code: 'empty-file',
      message: 'The file holds no rows.',
      hint: 'A CSV file begins with a header such as: name,email',
    });
  });
});
