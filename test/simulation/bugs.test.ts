import { describe, expect, test } from '@jest/globals';
import { plantedBugs, type PlantedBug } from './bugs.ts';
import { simulate } from './run.ts';

/** A bug that no run has met by then is one that the simulation cannot find. */
const most = 2_000;

describe('a bug on purpose is caught by the law that it breaks', () => {
  test('there are enough of them', () => {
    expect(plantedBugs.length).toBeGreaterThanOrEqual(15);
  });

  test.each(plantedBugs.map((bug) => [bug.name, bug] as const))(
    '%s',
    async (_, bug) => {
      const { seeds, law } = await firstCaught(bug);
      process.stdout.write(`caught by '${law}' after ${seeds} seeds: ${bug.name}\n`);
      expect(law).toBe(bug.breaks);
    },
    600_000,
  );
});

async function firstCaught(bug: PlantedBug): Promise<{ readonly seeds: number; readonly law: string }> {
  for (let seed = 1; seed <= most; seed++) {
    const { violation } = await simulate(seed, { bug, overSqlite: false });
    if (violation) return { seeds: seed, law: violation.law };
  }
  return { seeds: most, law: 'none' };
}
