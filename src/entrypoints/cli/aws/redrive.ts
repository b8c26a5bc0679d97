import { redrive } from '../../../domain/dead-letters.ts';
import type { ImportId } from '../../../ports/vocabulary.ts';
import { tokens } from '../../composition/tokens.ts';
import type { Context } from '../context.ts';
import { filterOf, letters } from '../dead-letters.ts';
import { exitCodes } from '../failure.ts';
import type { LetterFlags, MailFlags } from '../flags.ts';
import { interruption } from '../interruption.ts';
import { counted } from '../words.ts';
import { lettersLeft } from '../work.ts';
import { followAndReport } from './report.ts';
import { commandSession } from './session.ts';

/** `rollcall dead-letters redrive --world aws`: has the stack do the dead letters again, and waits until it has. @returns the exit status */
export async function redriveLettersOnAws(flags: MailFlags & LetterFlags, context: Context): Promise<number> {
  const { output } = context;
  const world = await commandSession(context, flags);
  const stop = interruption(output);
  const imports = new Set<ImportId>();
  for await (const { importId } of letters(world, filterOf(flags))) if (importId !== undefined) imports.add(importId);
  const sent = await redrive(world.get(tokens.deadLetters), filterOf(flags));
  if (sent === 0) {
    output.result('There are no dead letters.');
    return exitCodes.done;
  }
  output.note(`${counted(sent, 'dead letter is', 'dead letters are')} tried again.`);
  const exitCode = await followAndReport(world, context, {
    flags,
    stop,
    imports: [...imports],
    strict: false,
    json: false,
    idle: imports.size === 0,
  });
  return (await lettersLeft(world, output, flags)) && exitCode === exitCodes.done ? exitCodes.notDone : exitCode;
}
