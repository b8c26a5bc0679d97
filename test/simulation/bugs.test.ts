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
      const { seeds, others } = await caught(bug);
      const besides = others.size > 0 ? ` (and before by '${[...others].join("', '")}')` : '';
      process.stdout.write(`caught by '${bug.breaks}' after ${seeds} seeds${besides}: ${bug.name}\n`);
      expect(seeds).toBeLessThanOrEqual(most);
    },
    600_000,
  );
});

/** After how many seeds the law that the bug breaks has caught it; and which others did before, for one thing leads to another. */
async function caught(bug: PlantedBug): Promise<{ readonly seeds: number; readonly others: ReadonlySet<string> }> {
  const others = new Set<string>();
  for (let seed = 1; seed <= most; seed++) {
    const { violation } = await simulate(seed, { bug, overSqlite: false });
    if (violation?.law === bug.breaks) return { seeds: seed, others };
    if (violation) others.add(violation.law);
  }
  return { seeds: Infinity, others };
}
