import type { World } from '../../composition/tokens.ts';
import { conclude, type Reporting } from '../carry-out.ts';
import type { Context } from '../context.ts';
import type { RunEnd } from '../follow.ts';
import { progressView } from '../progress-view.ts';
import { Suggestions } from '../suggest.ts';
import { followImports } from './follow.ts';

export interface Following extends Omit<Reporting, 'target' | 'stopped'> {
  /** There is nothing to wait for: only the report is wanted. */
  readonly idle: boolean;
}

/** Shows how far imports on AWS have come until they are done, and reports what became of them. @returns the exit status */
export async function followAndReport(world: World, context: Context, following: Following): Promise<number> {
  const ran: RunEnd = following.idle ? { end: 'done' } : await follow(world, context, following);
  const stopped = `No longer waited for. The stack goes on with it: ${new Suggestions(following.flags).looking('status')}`;
  return conclude(world, context, { ...following, target: { kind: 'none' }, stopped }, ran);
}

async function follow(world: World, { config, output }: Context, { imports, stop }: Following): Promise<RunEnd> {
  const view = progressView(output.watched, { color: config.color, sends: true }, stop.signal);
  try {
    return await followImports(world, {
      imports,
      patienceMs: config.patience * 1_000,
      stop: stop.signal,
      show: (seen) => view.show(seen),
    });
  } finally {
    view.end();
  }
}
