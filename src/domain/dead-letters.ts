import type { Clock } from '../ports/clock.ts';
import type { DeadLetterFilter, DeadLetters } from '../ports/dead-letters.ts';
import type { Ids } from '../ports/ids.ts';
import type { ImportLedger, ImportPart } from '../ports/import-ledger.ts';
import type { Random } from '../ports/random.ts';
import { PortError, type ImportId, type QueueName } from '../ports/vocabulary.ts';
import { backOff, importRetries } from './retry.ts';

export interface FailurePorts {
  readonly deadLetters: DeadLetters;
  readonly imports: ImportLedger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

/** A message of an import that could not be processed. */
export interface FailedMessage {
  readonly queue: QueueName;
  /** As it is on the queue. */
  readonly text: string;
  readonly importId: ImportId;
  readonly part: ImportPart;
}

/** What becomes of a message that failed: it is tried again after a while, or it lies in dead letters now. */
export type Fate = { readonly fate: 'retry'; readonly afterMs: number } | { readonly fate: 'dead-letter' };

/**
 * Decides about a message that failed by an error of its own. The ledger counts its attempts; an error that no attempt
 * can mend, or one attempt too many, makes it a dead letter.
 */
export async function retryOrGiveUp(ports: FailurePorts, message: FailedMessage, error: unknown): Promise<Fate> {
  const { importId, part, queue, text } = message;
  const failure = { importId, part, cause: causeOf(error), at: ports.clock.now() };
  const hopeless = error instanceof PortError && !error.retryable;
  const attempts = hopeless ? importRetries.attempts : await ports.imports.noteFailure(failure);
  if (attempts < importRetries.attempts) return { fate: 'retry', afterMs: backOff(importRetries, attempts, ports.random) };
  const id = ports.ids.derived('dead-letter', queue, text);
  await ports.deadLetters.put([{ id, queue, text, code: codeOf(error), cause: failure.cause, importId, at: failure.at }]);
  await ports.imports.markDeadLettered(failure);
  return { fate: 'dead-letter' };
}

/** Puts a message that no attempt can help, and of which no import is known yet, into dead letters. */
export async function setAside(ports: Omit<FailurePorts, 'imports'>, queue: QueueName, text: string, error: unknown): Promise<void> {
  const id = ports.ids.derived('dead-letter', queue, text);
  await ports.deadLetters.put([{ id, queue, text, code: codeOf(error), cause: causeOf(error), at: ports.clock.now() }]);
}

/** Puts a text that is no message of ours into dead letters: nobody can say whose it is, so it stands there by itself. */
export async function setUnreadableAside(ports: Omit<FailurePorts, 'imports'>, queue: QueueName, text: string, why: string): Promise<void> {
  const id = ports.ids.derived('dead-letter', queue, text);
  await ports.deadLetters.put([
    { id, queue, text, code: 'unreadable-message', cause: `Not a message of the ${queue} queue: ${why}`, at: ports.clock.now() },
  ]);
}

/** Sends dead letters back to their queues; answers how many. Those that fail again come back here. */
export async function redrive(deadLetters: DeadLetters, filter: DeadLetterFilter): Promise<number> {
  let sent = 0;
  // The letters that there are now: one that fails again while this runs is not sent a second time.
  const ids = await allIds(deadLetters, filter);
  for (let i = 0; i < ids.length; i += page) sent += await deadLetters.redrive(ids.slice(i, i + page));
  return sent;
}

/** Sends back what failed of an import before its users were stored; dead letters of welcomes stay. */
export async function redriveImport(deadLetters: DeadLetters, importId: ImportId): Promise<void> {
  for (const queue of ['uploads', 'records'] as const) await redrive(deadLetters, { queue, importId });
}

/** The error's stable code. */
export function codeOf(error: unknown): string {
  return error instanceof PortError ? error.code : 'unexpected-error';
}

/** The error's message; that of a port says all there is to say, any other comes with those of its causes. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof PortError || error.cause === undefined ? error.message : `${error.message} (${causeOf(error.cause)})`;
}

const page = 500;

async function allIds(deadLetters: DeadLetters, filter: DeadLetterFilter): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const letters = await deadLetters.list(filter, page, ids.at(-1));
    ids.push(...letters.map((letter) => letter.id));
    if (letters.length < page) return ids;
  }
}
