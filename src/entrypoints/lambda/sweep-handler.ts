import type { Context } from 'aws-lambda';
import { sweep, type SweepPorts } from '../../domain/onboarding/sweep.ts';
import { invoke, type InvocationPorts } from './invocation.ts';

/** A function that a schedule calls, or a person: whatever the event is, it does the same. */
export type SweepHandler = (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<{ readonly announced: number }>;

/** sweep: announces again whom the flow has lost. */
export function sweepHandler(ports: SweepPorts & InvocationPorts): SweepHandler {
  return (_event, context) =>
    invoke(ports, context, 0, async () => {
      const announced = await sweep(ports);
      if (announced > 0) ports.telemetry.warn('swept', { announced });
      return { announced };
    });
}
