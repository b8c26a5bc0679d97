#!/usr/bin/env node
/**
 * Counts what the flow asks of AWS, over the emulators and with the bundled functions, and prints it by kind: `npm run bill` does it for
 * 20,000 users, which takes some minutes and needs Java; `npm run bill -- --users N` for as many. The last lines are what
 * `src/entrypoints/estimate/counted.ts` keeps. The articles' design is counted beside it, and compared with its formula.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const args = process.argv.slice(2);
const [flag, users = '20000'] = args.length === 0 ? ['--users'] : args;
if (flag !== '--users' || args.length > 2 || !/^[1-9]\d{0,6}$/.test(users)) {
  process.stderr.write('Give it a number of users or nothing, such as `npm run bill -- --users 20000`.\n');
  process.exit(2);
}
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', join(root, 'node_modules/jest/bin/jest.js')];
const { status } = spawnSync(process.execPath, [...jest, 'test/lambda-flow/bill.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, BILL_USERS: users },
});
process.exitCode = status ?? 1;
