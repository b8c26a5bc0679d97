import type { CountedRun, Deployment, Standing } from './flow.ts';

/**
 * What the flow uses for 100,000 users `name,email` of one file. The figures are those of the design, and not counted by a run yet: how many
 * requests its batch sizes make, with every service as quick as `articlesTimes` assumes.
 */
export const counted: CountedRun = {
  users: 100_000,
  sqsRequests: { uploads: 6, records: 310, welcomes: 2_200 },
  invocations: { 'process-csv': 2, 'insert-records': 10, announce: 100, 'send-email': 1_000, sweep: 1 },
  seconds: { 'process-csv': 3, 'insert-records': 15, announce: 15, 'send-email': 410, sweep: 1 },
  writeUnits: { insert: 100_000, claim: 100_000, confirm: 100_000, accounting: 400 },
  readUnits: 200,
  s3Writes: 2,
  s3Reads: 2,
  mails: 100_000,
  kmsRequests: 40,
  logBytes: 1_500_000,
};

/** The stack as `infra/` deploys it. */
export const deployment: Deployment = {
  memoryGb: { 'process-csv': 1769 / 1024, 'insert-records': 0.5, announce: 0.5, 'send-email': 0.5, sweep: 0.5 },
  senders: 2,
};

/** The same stack when nobody imports: it polls three queues; Lambda, SQS and DynamoDB report their own metrics without charge. */
export const standing: Standing = { queues: 3, metrics: 0, alarms: 21 };
