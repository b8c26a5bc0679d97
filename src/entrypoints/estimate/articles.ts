import type { Usage } from './bill.ts';
import { shareOf, type Processor } from './processor.ts';

/** Requests of the design that stands in articles about such imports, by kind. */
export interface ArticlesRequests {
  readonly sends: number;
  readonly receives: number;
  readonly deletes: number;
  readonly invocations: { readonly processCsv: number; readonly insertRecords: number; readonly sendEmail: number };
  /** One write unit each. */
  readonly puts: number;
  readonly mails: number;
}

/** A row is a message, a request to the queue takes ten of them, and a function is given ten messages, or ten records of the stream. */
const rowsARequest = 10;

/**
 * The requests of the articles' design for `users` rows that are all valid and new: a function reads the file and sends a message a row, ten a
 * request; Lambda receives and deletes ten at once and calls a function with them, which puts one user after the other; the table's stream
 * calls another one with ten records, which sends one mail after the other. Nothing is retried, and no batch is less than full but the last.
 */
export function articlesRequests(users: number): ArticlesRequests {
  const tens = Math.ceil(users / rowsARequest);
  return {
    sends: tens,
    receives: tens,
    deletes: tens,
    invocations: { processCsv: 1, insertRecords: tens, sendEmail: tens },
    puts: users,
    mails: users,
  };
}

/**
 * How long its calls take in a function of 256 MB, in milliseconds: assumed, for only an account could tell. The calls of an invocation
 * follow each other, so they add up.
 */
const articlesTimes = { memoryGb: 0.25, sendMs: 10, putMs: 15, mailMs: 65, invocationMs: 10 } as const;

/** What its functions work for a user, in milliseconds of a processor, as `npm run bill` counted it. */
const workedMs = 3.1;

/**
 * What the articles' design uses for `users` rows: see `articlesRequests` and `articlesTimes`.
 * @param processor where it is a share, its calls, which follow each other, last as much longer as their work does
 */
export function articlesUsage(users: number, processor: Processor = 'whole'): Usage {
  const { sends, receives, deletes, invocations, puts, mails } = articlesRequests(users);
  const { memoryGb, sendMs, putMs, mailMs, invocationMs } = articlesTimes;
  const lambdaInvocations = invocations.processCsv + invocations.insertRecords + invocations.sendEmail;
  const slowedMs = processor === 'share' ? users * workedMs * (1 / shareOf(memoryGb) - 1) : 0;
  const busyMs = sends * sendMs + puts * putMs + mails * mailMs + lambdaInvocations * invocationMs + slowedMs;
  return {
    sqsRequests: sends + receives + deletes,
    lambdaInvocations,
    lambdaGbSeconds: (busyMs / 1000) * memoryGb,
    writeUnits: puts,
    mails,
  };
}
