import type { CountedRun, Deployment, Standing } from './flow.ts';

/**
 * What the flow used for 20,000 users `name,email` of one file, as `npm run bill` counted it: the bundled functions over the emulators, mails at 200
 * a second, and one sweep. Requests and units are what arrived. `seconds` are from a machine that others used, too, with every service as quick
 * as `articlesTimes` assumes; KMS, which no emulator has, is by the formula in `test/lambda-flow/counted-run.ts`.
 */
export const counted: CountedRun = {
  users: 20_000,
  sqsRequests: { uploads: 6, records: 48, welcomes: 511 },
  invocations: { 'process-csv': 2, 'insert-records': 2, announce: 35, 'send-email': 210, sweep: 1 },
  seconds: { 'process-csv': 2.1, 'insert-records': 3.1, announce: 4.5, 'send-email': 167.5, sweep: 1.4 },
  secondsBesideTurns: 0,
  writeUnits: { insert: 20_000, claim: 20_012, confirm: 20_006, accounting: 39 },
  readUnits: 436,
  s3Writes: 2,
  s3Reads: 5,
  mails: 20_000,
  kmsRequests: 25,
  logBytes: 66_310,
};

/** The stack as `infra/` deploys it. */
export const deployment: Deployment = {
  memoryGb: { 'process-csv': 1769 / 1024, 'insert-records': 0.5, announce: 0.25, 'send-email': 0.1875, sweep: 0.5 },
};

/** The same stack when nobody imports: it polls three queues; Lambda, SQS and DynamoDB report their own metrics without charge. */
export const standing: Standing = { queues: 3, metrics: 0, alarms: 22 };
