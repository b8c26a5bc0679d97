import type { World } from '../composition/tokens.ts';
import type { Context } from './context.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { WorldFlags } from './flags.ts';
import { withSession } from './session.ts';

/** Looks into a world, whichever it is. What AWS needs is loaded only where it is asked for. */
export async function withWorld<T>(context: Context, flags: WorldFlags, look: (world: World) => Promise<T>): Promise<T> {
  if (flags.world === 'aws') return look(await (await import('./aws/session.ts')).commandSession(context, flags));
  refuseStack(flags);
  return withSession(context, { db: flags.db, to: 'look' }, ({ world }) => look(world));
}

/** @throws CommandFailed where a stack is named, and the world is not on AWS */
export function refuseStack({ world, stack }: WorldFlags): void {
  if (stack === undefined || world === 'aws') return;
  throw new CommandFailed('--stack says where everything is on AWS, and this is about the world on this machine.', {
    hint: 'Add --world aws, or leave out --stack.',
    exitCode: exitCodes.usage,
  });
}
