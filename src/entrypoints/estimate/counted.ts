import type { CountedRun, Deployment, Standing } from './flow.ts';

/**
 * What the flow used for 100,000 users `name,email` of one file, as `npm run bill -- --users 100000` counted it: the bundled functions over the
 * emulators, mails at 200 a second, and one sweep. Requests and units are what arrived. Seconds are those of a machine of two shared cores with every
 * service as quick as `articlesTimes` assumes: of insert-records, send-email and sweep from a run with nothing beside it (`npm run bill`, 20,000 users, in
 * proportion). KMS, which no emulator has, is by the formula in `test/lambda-flow/counted-run.ts`.
 */
export const counted: CountedRun = {
  users: 100_000,
  sqsRequests: { uploads: 6, records: 241, welcomes: 1_054 },
  invocations: { 'process-csv': 2, 'insert-records': 10, announce: 123, 'send-email': 249, sweep: 1 },
  seconds: { 'process-csv': 2.1, 'insert-records': 12.5, announce: 7.2, 'send-email': 186.5, sweep: 3.5 },
  worked: { 'process-csv': 0.5, 'insert-records': 9, announce: 1.7, 'send-email': 125.5, sweep: 0.5 },
  secondsBesideTurns: 21,
  writeUnits: { insert: 100_000, claim: 100_004, confirm: 100_002, accounting: 410 },
  readUnits: 2_367,
  s3Writes: 2,
  s3Reads: 5,
  mails: 100_000,
  kmsRequests: 33,
  logBytes: 99_502,
};

/** The stack as `infra/` deploys it. */
export const deployment: Deployment = {
  memoryGb: { 'process-csv': 1769 / 1024, 'insert-records': 0.375, announce: 0.25, 'send-email': 0.203125, sweep: 0.5 },
};

/** The same stack when nobody imports: it polls three queues; Lambda, SQS and DynamoDB report their own metrics without charge. */
export const standing: Standing = { queues: 3, metrics: 0, alarms: 22 };
