import { setMaxListeners } from 'node:events';
import type { Context } from 'aws-lambda';
import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Telemetry that knows where an invocation begins and ends. */
export interface FunctionTelemetry extends Telemetry {
  begin(context: Context): void;
  flush(): void;
}

export interface InvocationPorts {
  readonly clock: Clock;
  readonly telemetry: FunctionTelemetry;
}

/** What is known of an invocation. */
export interface Invocation {
  /** How long it may take, from its beginning until Lambda ends the process, in milliseconds. */
  readonly leftMs: number;
  /** Aborts so long before that end that whoever heeds it comes to a safe point. */
  readonly stop: AbortSignal;
}

/**
 * Runs an invocation: lines bear its id, what was counted is written, and what it raises is logged and raised again, for Lambda to know.
 * @param stopsBefore so many milliseconds before its end the invocation is told to stop; at the half of its time where that is later
 */
export async function invoke<T>(
  { clock, telemetry }: InvocationPorts,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  stopsBefore: number,
  work: (invocation: Invocation) => Promise<T>,
): Promise<T> {
  telemetry.begin(context as Context);
  const leftMs = context.getRemainingTimeInMillis();
  const [stop, ended] = [new AbortController(), new AbortController()];
  // Every welcome that waits for its turn listens: that many are no leak.
  setMaxListeners(0, stop.signal);
  const timer = clock.sleep(Math.max(leftMs - stopsBefore, leftMs / 2), ended.signal).then(() => stop.abort());
  try {
    return await work({ leftMs, stop: stop.signal });
  } catch (error) {
    telemetry.error('invocation-failed', error);
    throw error;
  } finally {
    ended.abort();
    await timer;
    telemetry.flush();
  }
}
