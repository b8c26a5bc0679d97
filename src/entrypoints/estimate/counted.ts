import type { CountedRun, Deployment, Standing } from './flow.ts';

/**
 * What the flow used for 100,000 users `name,email` of one file, as one run of `npm run bill -- --users 100000` counted it on a machine of two shared
 * cores that did nothing else: the bundled functions over the emulators, mails at 200 a second, and one sweep. Requests and units are what arrived.
 * Seconds are with every service as quick as `articlesTimes` assumes; those of insert-records and send-email are by 20,000 of the users, in proportion
 * (`timedSeconds` in `test/lambda-flow/counted-run.ts`). KMS, which no emulator has, is by the formula there.
 */
export const counted: CountedRun = {
  users: 100_000,
  sqsRequests: { uploads: 6, records: 240, welcomes: 810 },
  invocations: { 'process-csv': 2, 'insert-records': 10, announce: 66, 'send-email': 137, sweep: 1 },
  seconds: { 'process-csv': 1.4, 'insert-records': 11.5, announce: 4.7, 'send-email': 172.4, sweep: 3.4 },
  worked: { 'process-csv': 0.5, 'insert-records': 7.3, announce: 1.4, 'send-email': 104.7, sweep: 0.5 },
  secondsBesideTurns: 21.2,
  writeUnits: { insert: 100_000, claim: 100_002, confirm: 100_001, accounting: 307 },
  readUnits: 2_254,
  s3Writes: 2,
  s3Reads: 5,
  mails: 100_000,
  kmsRequests: 33,
  logBytes: 55_887,
};

/** The stack as `infra/` deploys it. */
export const deployment: Deployment = {
  memoryGb: { 'process-csv': 1769 / 1024, 'insert-records': 0.375, announce: 0.25, 'send-email': 0.203125, sweep: 0.5 },
};

/** The same stack when nobody imports: it polls three queues; Lambda, SQS and DynamoDB report their own metrics without charge. */
export const standing: Standing = { queues: 3, metrics: 0, alarms: 22 };
