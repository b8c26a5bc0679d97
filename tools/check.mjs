#!/usr/bin/env node
/**
 * Everything that must hold before a change goes in: the build, types, lint, format, dead exports, and all tests
 * (architecture, unit, contract, flow and property tests). Ends with a line of its own, `N passed, N failed`: tests that passed, and
 * tests, test files and other checks that failed. Exits with 1 where anything failed.
 *
 * With CI=true a skipped test is a failure, for there every tool that a test needs must be present; but for those that say
 * in their names which capability an adapter lacks and why: `(lacks …: …)`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const report = join(root, 'reports/jest.json');
const strict = process.env['CI'] === 'true';
const bin = (path) => join(root, 'node_modules', path);

const checks = [
  { name: 'build and types of src', command: [join(root, 'tools/build.mjs')] },
  { name: 'types of the domain', command: [bin('typescript/bin/tsc'), '-p', 'src/domain'] },
  { name: 'types of the console', command: [bin('typescript/bin/tsc'), '-p', 'src/entrypoints/console'] },
  { name: 'types of the tests', command: [bin('typescript/bin/tsc'), '-p', 'test'] },
  { name: 'lint', command: [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0'] },
  { name: 'format', command: [bin('prettier/bin/prettier.cjs'), '.', '--check', '--log-level', 'warn'] },
  { name: 'dead exports', command: [bin('knip/bin/knip.js')] },
  { name: 'infrastructure', command: [join(root, 'tools/infra.mjs'), ...(strict ? [] : ['--installed'])] },
];
/** From a seed that changes with the commit. It takes all cores by itself. */
const simulation = {
  name: 'simulation',
  command: [join(root, 'tools/run.mjs'), 'test/simulation/main.ts', '--seeds', strict ? '5000' : '300', '--from', 'commit'],
};
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', bin('jest/bin/jest.js')];

const failures = [];
await runAll(checks, 2);
await runAll([simulation], 1);
const tests = await runTests();
failures.push(...tests.failures);

if (failures.length > 0) process.stdout.write(`\nFailed:\n${failures.map((failure) => `  ${failure}\n`).join('')}`);
process.stdout.write(`\n${tests.passed} passed, ${failures.length} failed\n`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Runs the checks, `width` at a time, and shows the output of those that fail. */
async function runAll(waiting, width) {
  const queue = [...waiting];
  const lane = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const started = performance.now();
      const { code, output } = await run(check.command, 'pipe');
      process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
      if (code === 0) {
        // What a check could not look at is said aloud.
        for (const line of output.split('\n')) if (line.startsWith('skipped: ')) process.stdout.write(`       ${line}\n`);
        continue;
      }
      process.stdout.write(`${output.trimEnd()}\n`);
      failures.push(check.name);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

async function runTests() {
  mkdirSync(join(root, 'reports'), { recursive: true });
  rmSync(report, { force: true });
  const { code } = await run([...jest, '--json', `--outputFile=${report}`], 'inherit');
  const result = readReport();
  if (result === undefined) return { passed: 0, failures: [`tests: jest ended with ${code} and left no report`] };
  const failures = [];
  for (const file of result.testResults) {
    const path = relative(root, file.name);
    if (file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')) failures.push(`${path} did not run`);
    for (const test of file.assertionResults) {
      if (test.status === 'failed') failures.push(`${path}: ${test.fullName}`);
      else if (strict && test.status !== 'passed' && !/\(lacks .+: .+\)/.test(test.fullName))
        failures.push(`${path}: ${test.fullName} (${test.status}, which CI=true forbids)`);
    }
  }
  if (code !== 0 && failures.length === 0) failures.push(`tests: jest ended with ${code}`);
  return { passed: result.numPassedTests, failures };
}

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch (error) {
    process.stderr.write(`No test report at ${report}: ${error.message}\n`);
    return undefined;
  }
}

/** Runs a script with this Node. Its output goes where ours goes, or is collected. */
function run(args, output) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', output, output] });
    const parts = [];
    child.stdout?.on('data', (part) => parts.push(part));
    child.stderr?.on('data', (part) => parts.push(part));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output: Buffer.concat(parts).toString() }));
  });
}
