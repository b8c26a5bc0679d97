import { randomInt } from 'node:crypto';
import { test } from '@jest/globals';
import fc from 'fast-check';

/** How many cases each property is tried with: FUZZ_CASES, else 5,000 where CI=true, else 500. `npm run fuzz` asks for 100,000. */
const cases = Number(process.env['FUZZ_CASES'] ?? (process.env['CI'] === 'true' ? 5_000 : 500));

/** The same seed and number of cases make the same cases: FUZZ_SEED, else one by chance. */
const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(1, 2 ** 31));

const replay = `npm run fuzz -- --seed ${seed} --cases ${cases}`;

/** No case takes longer than this on a slow machine, on average. In milliseconds. */
const caseTimeoutMs = 50;

let told = false;

/** A test that something holds for all values. Tells its seed; a failure says the smallest value that it was found with, and how to replay it. */
export function property<T>(name: string, values: fc.Arbitrary<T>, holds: (value: T) => Promise<void> | void): void {
  test(
    name,
    async () => {
      if (!told) process.stderr.write(`Fuzz: ${cases} cases a property. The same again: ${replay}\n`);
      told = true;
      const asynchronous = fc.asyncProperty(values, async (value) => {
        await holds(value);
      });
      const found = await fc.check(asynchronous, { numRuns: cases, seed });
      if (!found.failed) return;
      throw new Error(`${String(await fc.asyncDefaultReportMessage(found))}\n\nThe same again: ${replay}`, { cause: found.errorInstance });
    },
    60_000 + cases * caseTimeoutMs,
  );
}
