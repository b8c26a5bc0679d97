import { allImports } from '../../domain/all-imports.ts';
import type { ImportId } from '../../ports/vocabulary.ts';
import { tokens, type World } from '../composition/tokens.ts';
import { carryOut } from './carry-out.ts';
import { refuseOtherChannel } from './channel.ts';
import type { Context } from './context.ts';
import { exitCodes } from './failure.ts';
import type { MailFlags } from './flags.ts';
import { followedHead, isSettled } from './follow.ts';
import { interruption } from './interruption.ts';
import { mailParts, parseMailTarget } from './mail.ts';
import type { Output } from './output.ts';
import { withSession } from './session.ts';
import { Suggestions } from './suggest.ts';
import { counted } from './words.ts';
import { refuseStack } from './world.ts';

/** `rollcall work`: carries on with all that there is to do, until nothing is left. @returns the exit status */
export async function workOff(flags: MailFlags, context: Context): Promise<number> {
  refuseStack(flags);
  const target = parseMailTarget(flags.mail ?? context.config.mail);
  const mail = await mailParts(target, flags, context.config);
  return withSession(context, { db: flags.db, to: 'work', mail }, async ({ file, world }) => {
    await refuseOtherChannel(world, mail);
    const stop = interruption(context.output);
    const imports = await unsettled(world);
    const task = { dbFile: file, target, flags, stop, until: 'idle', imports, strict: false, json: false, idle: false } as const;
    const exitCode = await carryOut(world, context, task);
    if (imports.length === 0 && exitCode === exitCodes.done) context.output.result('There is nothing left to do.');
    return (await lettersLeft(world, context.output, flags)) && exitCode === exitCodes.done ? exitCodes.notDone : exitCode;
  });
}

/** Tells of dead letters that belong to no import which was reported; answers whether there are any at all. */
export async function lettersLeft(world: World, output: Output, flags: MailFlags): Promise<boolean> {
  const count = await world.get(tokens.deadLetters).count({});
  if (count > 0)
    output.error(
      `${counted(count, 'dead letter lies', 'dead letters lie')} in this database. To see why:  ${new Suggestions(flags).looking('dead-letters')}`,
    );
  return count > 0;
}

/** The imports of which something is left to do, the oldest first. */
async function unsettled(world: World): Promise<readonly ImportId[]> {
  const found: ImportId[] = [];
  for await (const head of allImports(world.get(tokens.imports))) {
    const one = await followedHead(world, head);
    const isOver = isSettled(one, true) || (head.state === 'cancelled' && one.summary.waiting === 0);
    if (!isOver) found.unshift(head.id);
  }
  return found;
}
