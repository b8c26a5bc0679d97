/**
 * npm run simulate -- [--seeds N] [--from SEED] [--seed SEED]
 *
 * Runs so many seeds, on all cores, and tells what was run: steps, faults by kind, and at which calls of the ports they struck.
 * Ends with 1 where a law was broken, or a long run met some fault too seldom. Of the first runs that broke a law it shows the last
 * steps and the command that repeats it. `--seed` runs that one seed and shows its steps.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { arrivals, faultsOf, type Census, type Fault } from './faults.ts';
import { simulate, type RunResult } from './run.ts';

/** How many seeds a worker runs before it tells. */
const chunk = 20;

/** A fault kind at a port call must have struck so often in a long run, of so many seeds. */
const enough = 100;
const longRun = 100_000;

interface Seeds {
  readonly from: number;
  readonly count: number;
}

if (isMainThread) {
  const { values } = parseArgs({ options: { seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' } } });
  if (values.seed === undefined) await runAll({ from: startOf(values.from), count: numberOf('--seeds', values.seeds ?? '1000') });
  else show(await simulate(numberOf('--seed', values.seed), { kept: 2_000 }), true);
} else {
  // Thousands of errors are raised on purpose; whoever repeats a seed sees where each comes from.
  Error.stackTraceLimit = 0;
  parentPort?.on('message', (seeds: Seeds) => void runSeeds(seeds));
}

/** In a worker: tells of each run, and at last that it is done. */
async function runSeeds({ from, count }: Seeds): Promise<void> {
  for (let seed = from; seed < from + count; seed++) parentPort?.postMessage(await simulate(seed));
  parentPort?.postMessage('done');
}

async function runAll({ from, count }: Seeds): Promise<void> {
  const started = performance.now();
  const census: Census = new Map();
  const steps: number[] = [];
  const sums = { rows: 0, deaths: 0, violations: 0 };
  let next = from;
  const hear = (result: RunResult): void => {
    steps.push(result.steps);
    sums.rows += result.rows;
    sums.deaths += result.deaths;
    add(census, result.census);
    if (!result.violation) return;
    sums.violations++;
    if (sums.violations <= 3) show(result, false);
  };
  const lane = async (): Promise<void> => {
    const worker = new Worker(new URL(import.meta.url));
    while (next < from + count) {
      const seeds = { from: next, count: Math.min(chunk, from + count - next) };
      next += seeds.count;
      await runChunk(worker, seeds, hear);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  const seconds = (performance.now() - started) / 1000;
  steps.sort((a, b) => a - b);
  const total = steps.reduce((sum, some) => sum + some, 0);
  print(`seeds ${from} to ${from + count - 1}: ${count} runs in ${seconds.toFixed(0)} s (${((count / seconds) * 60).toFixed(0)} a minute)`);
  print(`steps ${total} (median ${steps[steps.length >> 1] ?? 0} a run), rows ${sums.rows}, processes that died ${sums.deaths}`);
  const isCovered = showCensus(census);
  print(`violations ${sums.violations}`);
  if (sums.violations > 0 || (count >= longRun && !isCovered)) process.exitCode = 1;
}

function runChunk(worker: Worker, seeds: Seeds, hear: (result: RunResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const listen = (message: RunResult | 'done'): void => {
      if (message !== 'done') return hear(message);
      worker.off('message', listen);
      worker.off('error', reject);
      resolve();
    };
    worker.on('message', listen);
    worker.once('error', reject);
    worker.postMessage(seeds);
  });
}

function show({ seed, steps, digest, violation }: RunResult, whole: boolean): void {
  if (violation) {
    process.exitCode = 1;
    print(`seed ${seed} breaks a law after ${steps} steps. ${violation.what}`);
    print('  step, milliseconds, who, call, !what went wrong');
    for (const line of violation.trace.slice(whole ? 0 : -25)) print(`  ${line}`);
    print(`  repeat it with: npm run simulate -- --seed ${seed}`);
  } else print(`seed ${seed}: ${steps} steps, no law is broken (digest ${digest})`);
}

function add(census: Census, more: Census): void {
  for (const [call, kinds] of more) {
    const own = census.get(call) ?? new Map<Fault, number>();
    for (const [kind, times] of kinds) own.set(kind, (own.get(kind) ?? 0) + times);
    census.set(call, own);
  }
}

/**
 * Faults by kind, and which of them struck a call too seldom for its run to have tried it.
 * @returns whether none did
 */
function showCensus(census: Census): boolean {
  const kinds = [...new Set([...Object.values(faultsOf).flat(), ...arrivals, 'lost' as const])];
  print('faults by kind:');
  for (const kind of kinds) {
    const times = [...census.values()].reduce((sum, own) => sum + (own.get(kind) ?? 0), 0);
    print(`  ${kind.padEnd(14)}${String(times).padStart(10)}`);
  }
  const pairs = Object.entries(faultsOf).flatMap(([call, own]) =>
    kindsAt(call, own).map((kind) => ({ call, kind, times: census.get(call)?.get(kind) ?? 0 })),
  );
  const rare = pairs.filter(({ times }) => times < enough).sort((a, b) => a.times - b.times);
  print(`coverage: ${pairs.length - rare.length} of ${pairs.length} pairs of a call and a fault were met ${enough} times or more`);
  for (const { call, kind, times } of rare.slice(0, 20)) print(`  ${call}, ${kind}: ${times}`);
  if (rare.length > 20) print(`  and ${rare.length - 20} more`);
  return rare.length === 0;
}

/** What can go wrong at a call, and with what it received. */
function kindsAt(call: string, own: readonly Fault[]): readonly Fault[] {
  return call.endsWith('Source.receive') ? [...own, ...arrivals] : own;
}

/** The seed to begin with; by `commit`, one that changes with every commit. */
function startOf(from = '1'): number {
  if (from !== 'commit') return numberOf('--from', from);
  try {
    return Number.parseInt(execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).slice(0, 7), 16);
  } catch (error) {
    print(`no commit to begin with (${(error as Error).message.split('\n')[0]}): it begins with 1`);
    return 1;
  }
}

function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${flag} takes a whole number, and not ${text}.`);
  return value;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
