import { setUnreadableAside, type FailurePorts } from '../../domain/dead-letters.ts';
import { backOff, pauseRetries } from '../../domain/retry.ts';
import type { Random } from '../../ports/random.ts';
import type { Delivery } from '../../ports/message-source.ts';
import { PortError, type QueueName, type StopSignal } from '../../ports/vocabulary.ts';

/** The stages' names: the same in code, Lambda names, logs, metrics and docs. */
export type StageName = 'process-csv' | 'insert-records' | 'announce' | 'send-email' | 'sweep';

/**
 * What is to be done with a delivery, and the error for which it comes again. `trouble` is set where something that all messages need does not work: then whoever
 * feeds the stage slows down.
 */
export type Verdict =
  | { readonly verdict: 'acknowledge'; readonly trouble?: PortError }
  | { readonly verdict: 'release'; readonly delayMs: number; readonly trouble?: PortError; readonly error?: unknown };

/** A stage of the flow that a queue feeds: decode → use case → acknowledge, release or dead-letter. */
export interface Stage<T> {
  readonly name: StageName;
  /** One verdict a delivery, in order. Never raises: what fails is a verdict. */
  handle(deliveries: readonly Delivery<T>[], stop: StopSignal): Promise<readonly Verdict[]>;
}

export const acknowledged: Verdict = { verdict: 'acknowledge' };

/**
 * The verdict on a delivery whose handling raised. A service that does not answer is nobody's fault: the message comes
 * again later, and no attempt is counted. Any other error is for `decide`; without it the message comes again as well.
 */
export async function verdictOnError(
  delivery: { readonly receives: number },
  random: Random,
  error: unknown,
  decide?: (error: unknown) => Promise<Verdict>,
): Promise<Verdict> {
  let met = error;
  if (decide && !isUnavailable(error)) {
    try {
      return await decide(error);
    } catch (second) {
      met = second;
    }
  }
  return {
    verdict: 'release',
    delayMs: backOff(pauseRetries, delivery.receives, random),
    error: met,
    ...(isUnavailable(met) && { trouble: met }),
  };
}

/** Sets a text aside that is no message of ours. */
export async function verdictOnUnreadable(
  ports: Omit<FailurePorts, 'imports'>,
  queue: QueueName,
  delivery: Delivery<unknown>,
  text: string,
  why: string,
): Promise<Verdict> {
  try {
    await setUnreadableAside(ports, queue, text, why);
    return acknowledged;
  } catch (error) {
    return verdictOnError(delivery, ports.random, error);
  }
}

/** Whether the error says that a service does not answer now. */
export function isUnavailable(error: unknown): error is PortError {
  return error instanceof PortError && error.retryable;
}
