import type { QueueName } from '../../ports/vocabulary.ts';
import type { StageName } from '../stages/stage.ts';
import type { Usage } from './bill.ts';
import { shareOf, type Processor } from './processor.ts';

/** What a run of the whole flow used, counted where it arrived, in units as they are billed. */
export interface CountedRun {
  /** How many rows were imported, all of them valid, new and welcomed. */
  readonly users: number;
  /** Requests to a queue and its dead letters, once for each 64 KiB begun: sends, receives, deletes and changes of visibility. */
  readonly sqsRequests: Readonly<Record<QueueName, number>>;
  readonly invocations: Readonly<Record<StageName, number>>;
  /**
   * How long the invocations of a stage lasted altogether, where nobody waits for a turn to send; services have to answer as slowly as
   * `articlesTimes` assumes, or no comparison is fair. Each had as much of a processor as it could use.
   */
  readonly seconds: Readonly<Record<StageName, number>>;
  /** What a stage worked in that time, in seconds of a processor. */
  readonly worked: Readonly<Record<StageName, number>>;
  /** How long send-email lasted beside the turns of its messages where they were longer than its work: it reserves them, claims and confirms. */
  readonly secondsBesideTurns: number;
  /** Write units by the promise that they buy. */
  readonly writeUnits: Readonly<Record<WritePromise, number>>;
  readonly readUnits: number;
  readonly s3Writes: number;
  readonly s3Reads: number;
  readonly mails: number;
  readonly kmsRequests: number;
  readonly logBytes: number;
}

/**
 * What a write is for. `insert`: one account an address. `claim` and `confirm`: one welcome. `accounting`: every row's outcome, exact
 * counts, and an import that can be resumed.
 */
export type WritePromise = 'insert' | 'claim' | 'confirm' | 'accounting';

/** How the functions are deployed, as far as it is billed. */
export interface Deployment {
  readonly memoryGb: Readonly<Record<StageName, number>>;
}

/**
 * What the flow uses for `users` rows: the counted run in proportion. Mails go out in turns, one message's at a time, and a turn is billed:
 * where the account's rate is less than what the function could do, send-email lasts as long as the mails take.
 * @param sendRate mails a second
 * @param processor where it is a share, a function lasts at least as long as its work takes with that
 */
export function flowUsage(run: CountedRun, deployment: Deployment, users: number, sendRate: number, processor: Processor = 'whole'): Usage {
  const scale = users / run.users;
  const gbSeconds = stages.map((stage) => {
    const memoryGb = deployment.memoryGb[stage];
    const lasted = [run.seconds[stage] * scale];
    if (stage === 'send-email') lasted.push(users / sendRate + run.secondsBesideTurns * scale);
    if (processor === 'share') lasted.push((run.worked[stage] * scale) / shareOf(memoryGb));
    return memoryGb * Math.max(...lasted);
  });
  const inProportion = {
    sqsRequests: sum(run.sqsRequests),
    lambdaInvocations: sum(run.invocations),
    writeUnits: sum(run.writeUnits),
    readUnits: run.readUnits,
    s3Writes: run.s3Writes,
    s3Reads: run.s3Reads,
    mails: run.mails,
    kmsRequests: run.kmsRequests,
  };
  return {
    ...Object.fromEntries(Object.entries(inProportion).map(([billed, units]) => [billed, Math.ceil(units * scale)])),
    lambdaGbSeconds: gbSeconds.reduce((total, each) => total + each, 0),
    logGb: (run.logBytes * scale) / 1e9,
  };
}

/** What stands there whether or not anybody imports. */
export interface Standing {
  /** Queues that Lambda polls. */
  readonly queues: number;
  readonly metrics: number;
  readonly alarms: number;
}

/** What an idle stack uses in `days` days. */
export function standingUsage(standing: Standing, days: number): Usage {
  const months = days / daysAMonth;
  return {
    sqsRequests: Math.ceil(standing.queues * pollers * ((days * 86_400) / pollSeconds)),
    kmsKeyMonths: months,
    metricMonths: standing.metrics * months,
    alarmMonths: standing.alarms * months,
  };
}

/** Lambda keeps five long polls of 20 seconds open at a queue, also an empty one (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
const pollers = 5;
const pollSeconds = 20;
const daysAMonth = 30;

const stages: readonly StageName[] = ['process-csv', 'insert-records', 'announce', 'send-email', 'sweep'];

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, each) => total + each, 0);
}
