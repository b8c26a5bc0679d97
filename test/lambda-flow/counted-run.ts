import { jsonWelcomeMessages } from '../../src/adapters/json/welcome-message.ts';
import { recipientsPerMessage } from '../../src/entrypoints/lambda/stream-handler.ts';
import type { CountedRun } from '../../src/entrypoints/estimate/flow.ts';
import type { QueueName } from '../../src/ports/vocabulary.ts';
import { upTo } from '../contracts/world.ts';
import type { FunctionName } from './bundles.ts';
import type { Stack } from './stack.ts';

/** How long services take to answer, in milliseconds: what the estimate assumes of the articles' design (`articlesTimes`). */
const answersAfter = { queue: 10, table: 15, mail: 65 } as const;

/** Has every service answer as slowly as the estimate assumes. */
export function slowDown(stack: Stack): void {
  stack.aws.latency = () => answersAfter.queue;
  stack.dynamo.latencyMs = answersAfter.table;
  stack.ses.answer = () => new Promise((resolve) => setTimeout(() => resolve('take'), answersAfter.mail));
}

/**
 * How long insert-records and send-email last for so many users where nothing but the assumed answers of services and their own work takes
 * time, in seconds: DynamoDB Local writes some hundred items a second, so its statements are answered in its place. SES's rate is set so
 * high that nobody waits for a turn, and then to `rate`. Made by 20,000 users, after some thousand others, in proportion: a function is
 * slow at first, and a million users are long.
 */
export async function timedSeconds(stack: Stack, users: number, rate: number): Promise<TimedSeconds> {
  const timed = 20_000;
  const inProportion = (ms: number) => Math.round((ms / 100) * (users / timed)) / 10;
  const measured = (of: 'billedMs' | 'workedMs') => ({
    'insert-records': inProportion(stack.functions['insert-records'][of]),
    'send-email': inProportion(stack.functions['send-email'][of]),
  });
  stack.dynamo.instant = true;
  await setRate(stack, 1_000_000);
  await importAndWelcome(stack, 'warm', 5_000);
  stack.forget();
  await importAndWelcome(stack, 'timed', timed);
  const [seconds, worked] = [measured('billedMs'), measured('workedMs')];
  await setRate(stack, rate);
  await importAndWelcome(stack, 'warmed', 2_000);
  stack.forget();
  await importAndWelcome(stack, 'paced', timed);
  const besideTurns = measured('billedMs')['send-email'] - Math.max(seconds['send-email'], users / rate);
  stack.dynamo.instant = false;
  return { seconds, worked, secondsBesideTurns: Math.max(0, Math.round(10 * besideTurns) / 10) };
}

/** The seconds of the two stages whose work DynamoDB Local would slow down. */
type TimedStages = Pick<CountedRun['seconds'], 'insert-records' | 'send-email'>;
export type TimedSeconds = Pick<CountedRun, 'secondsBesideTurns'> & { readonly seconds: TimedStages; readonly worked: TimedStages };

/** It keeps what it knows of the quota for a minute, so it is started anew. */
async function setRate(stack: Stack, maxSendRate: number): Promise<void> {
  stack.ses.quota = { max24HourSend: 10_000_000, maxSendRate, sentLast24Hours: 0 };
  await stack.functions['send-email'].restart();
}

/** Nothing comes out of the stream where statements are answered in DynamoDB's place, so the welcomes are sent here. */
async function importAndWelcome(stack: Stack, label: string, users: number): Promise<void> {
  const people = upTo(users).map((n) => ({ name: 'Maximiliane Mustermann', address: `${label}.maximiliane.${n}@example.com` }));
  await stack.upload(`${label}.csv`, `name,email\n${people.map(({ name, address }) => `${name},${address}\n`).join('')}`);
  const { id: importId } = await stack.completed(`${label}.csv`);
  const recipients = people.map((person, n) => ({ ...person, userId: `${label}-${n}`.padEnd(32, '0'), importId }));
  for (let i = 0; i < recipients.length; i += recipientsPerMessage) {
    await stack.send('welcomes', jsonWelcomeMessages.encode({ recipients: recipients.slice(i, i + recipientsPerMessage) }));
  }
  await stack.quiet();
}

/** What the stack used since its start, for so many users. @param seconds how long the import took, at the rate that is reckoned with */
export function countedRun(stack: Stack, users: number, seconds: number): Omit<CountedRun, 'secondsBesideTurns'> {
  const { tally, functions } = stack;
  const queues = <T>(of: (queue: QueueName) => T) => ({ uploads: of('uploads'), records: of('records'), welcomes: of('welcomes') });
  const stages = <T>(of: (stage: FunctionName) => T) => ({
    'process-csv': of('process-csv'),
    'insert-records': of('insert-records'),
    announce: of('announce'),
    'send-email': of('send-email'),
    sweep: of('sweep'),
  });
  return {
    users,
    sqsRequests: queues((queue) => tally.units(`SQS ${queue}`)),
    invocations: stages((stage) => functions[stage].invocations),
    seconds: stages((stage) => Math.round(functions[stage].billedMs / 100) / 10),
    worked: stages((stage) => Math.round(functions[stage].workedMs / 100) / 10),
    writeUnits: {
      insert: tally.units('write units: insert'),
      claim: tally.units('write units: claim'),
      confirm: tally.units('write units: confirm'),
      accounting: tally.units('write units: accounting'),
    },
    readUnits: Math.ceil(tally.units('read units')),
    s3Writes: tally.units('S3 write'),
    s3Reads: tally.units('S3 read'),
    mails: stack.ses.taken.length,
    kmsRequests: kmsRequests(seconds),
    logBytes: Object.values(functions).reduce((sum, { logBytes }) => sum + logBytes, 0),
  };
}

/**
 * Calls of KMS in an import that takes so long. A queue's key is reused for an hour (`infra/modules/queue`), and asked for twice by each who
 * sends and once by each who receives (Amazon SQS Developer Guide, "Estimating AWS KMS costs"); a table's for five minutes by each who
 * uses it (DynamoDB Developer Guide, "DynamoDB encryption at rest"); a bucket's for a while by each, with its bucket key.
 */
function kmsRequests(seconds: number): number {
  // Uploads: S3 and process-csv send. Records: process-csv does. Welcomes: announce, send-email and sweep do. Lambda receives from each.
  const queueKeys = (2 * 2 + 1 + (2 * 1 + 1) + (2 * 3 + 1)) * Math.ceil(seconds / 3600);
  // imports: process-csv, insert-records, sweep, send-email. users: insert-records, sweep. welcomes: send-email, sweep.
  const tableKeys = 8 * Math.ceil(seconds / 300);
  const bucketKeys = 2;
  return queueKeys + tableKeys + bucketKeys;
}
