import { estimate } from '../estimate/estimate.ts';
import { estimateLines } from '../estimate/lines.ts';
import type { Context } from './context.ts';
import { exitCodes } from './failure.ts';

/** What `estimate` is told. */
export interface EstimateFlags {
  /** Mails a second. */
  readonly sendRate: number;
  readonly json?: true;
}

/** `rollcall estimate`: what so many users would cost on AWS, and how long it takes to welcome them. @returns the exit status */
export function tellEstimate(rows: number, { sendRate, json }: EstimateFlags, { output }: Context): Promise<number> {
  const found = estimate(rows, sendRate);
  for (const line of json ? [JSON.stringify(found)] : estimateLines(found)) output.result(line);
  return Promise.resolve(exitCodes.done);
}
