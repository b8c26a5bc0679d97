import { redrive } from '../../domain/dead-letters.ts';
import type { DeadLetter, DeadLetterFilter } from '../../ports/dead-letters.ts';
import type { ImportId } from '../../ports/vocabulary.ts';
import { tokens, type World } from '../composition/tokens.ts';
import { carryOut } from './carry-out.ts';
import { refuseOtherChannel } from './channel.ts';
import type { Context } from './context.ts';
import { exitCodes } from './failure.ts';
import type { LetterFlags, MailFlags } from './flags.ts';
import { interruption } from './interruption.ts';
import { mailParts, parseMailTarget } from './mail.ts';
import { addressesOf } from './report.ts';
import { withSession } from './session.ts';
import { Suggestions } from './suggest.ts';
import { counted, shortId, shown, when } from './words.ts';
import { lettersLeft } from './work.ts';
import { refuseStack, withWorld } from './world.ts';

/** `rollcall dead-letters list`: shows what could not be done, and why. @returns the exit status */
export function listLetters(flags: LetterFlags, context: Context): Promise<number> {
  const { output } = context;
  return withWorld(context, flags, async (world) => {
    let count = 0;
    for await (const letter of letters(world, filterOf(flags))) {
      count++;
      await output.write(`${describe(letter, addressesOf(world, letter))}\n`);
    }
    if (count === 0) output.result('There are no dead letters.');
    else output.note(`\nTo try again after the mend:  ${new Suggestions(flags).looking('dead-letters', 'redrive')}`);
    return exitCodes.done;
  });
}

/** `rollcall dead-letters redrive`: has the dead letters done again, and waits until they are. @returns the exit status */
export async function redriveLetters(flags: MailFlags & LetterFlags, context: Context): Promise<number> {
  const { output, config } = context;
  refuseStack(flags);
  const target = parseMailTarget(flags.mail ?? config.mail);
  const mail = await mailParts(target, flags, config);
  return withSession(context, { db: flags.db, to: 'work', mail }, async ({ file, world }) => {
    await refuseOtherChannel(world, mail);
    const stop = interruption(output);
    const imports = new Set<ImportId>();
    for await (const { importId } of letters(world, filterOf(flags))) if (importId !== undefined) imports.add(importId);
    const sent = await redrive(world.get(tokens.deadLetters), filterOf(flags));
    if (sent === 0) {
      output.result('There are no dead letters.');
      return exitCodes.done;
    }
    output.note(`${counted(sent, 'dead letter is', 'dead letters are')} tried again.`);
    const exitCode = await carryOut(world, context, {
      dbFile: file,
      target,
      flags,
      stop,
      until: 'idle',
      imports: [...imports],
      strict: false,
      json: false,
      idle: false,
    });
    return (await lettersLeft(world, output, flags)) && exitCode === exitCodes.done ? exitCodes.notDone : exitCode;
  });
}

const page = 100;

/** The dead letters that the filter names, the oldest first. */
export async function* letters(world: World, filter: DeadLetterFilter): AsyncGenerator<DeadLetter> {
  const kept = world.get(tokens.deadLetters);
  for (let after: string | undefined; ;) {
    const found = await kept.list(filter, page, after);
    yield* found;
    // A look at the dead letters of SQS takes seconds: one that can find nothing is left out.
    if (found.length < page) return;
    after = found.at(-1)?.id;
  }
}

/** Those of one queue, or all. */
export function filterOf({ queue }: LetterFlags): DeadLetterFilter {
  return queue === undefined ? {} : { queue };
}

function describe({ id, queue, code, cause, importId, at }: DeadLetter, addresses: readonly string[]): string {
  const facts = [when(at), shortId(id), queue, code, ...(importId === undefined ? [] : [`import ${shortId(importId)}`])];
  return `${facts.join('  ')}\n  ${shown([...addresses, cause].join(': '))}`;
}
