import { open, rename, rm } from 'node:fs/promises';
import { rejectRows } from '../../domain/user-import/reject-rows.ts';
import type { ImportHead } from '../../ports/import-ledger.ts';
import { tokens } from '../composition/tokens.ts';
import type { Context } from './context.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { WorldFlags } from './flags.ts';
import { selectedImport } from './select.ts';
import { withWorld } from './world.ts';
import { Suggestions } from './suggest.ts';
import { counted, shown } from './words.ts';

/** `rollcall rejects`: writes the rejected rows, with what is wrong with each, as a CSV that can be corrected and imported. @returns the exit status */
export function writeRejects(prefix: string | undefined, flags: WorldFlags & { readonly out?: string }, context: Context): Promise<number> {
  const { output } = context;
  return withWorld(context, flags, async (world) => {
    const head = await selectedImport(world, prefix, flags);
    const { rejected } = await world.get(tokens.imports).progress(head.id);
    if (rejected === 0) {
      output.note(`No row of ${shown(head.upload.name)} was rejected: there is nothing to write.`);
      return exitCodes.done;
    }
    const bytes = world.get(tokens.rowWriter).write(rejectRows(world.get(tokens.imports), head));
    if (flags.out === undefined) for await (const part of bytes) await output.write(part);
    else {
      await writeFile(flags.out, bytes);
      output.note(
        `${shown(flags.out)}: ${counted(rejected, 'rejected row')}. Correct ${rejected === 1 ? 'it' : 'them'}, then:  ${new Suggestions(flags).looking('import', flags.out, ...readingFlags(head))}`,
      );
    }
    return exitCodes.done;
  });
}

/** The flags with which the corrected file is read as the original was. Its encoding and delimiter are those that every reader detects. */
function readingFlags({ options: { map, keep, onExisting }, plan }: ImportHead): readonly string[] {
  // A file without a header gets one here that says what its columns are.
  const { email, name } = plan?.columns.header ? map : {};
  return [
    ...(email === undefined ? [] : ['--map', `email=${email}`]),
    ...(name === undefined ? [] : ['--map', `name=${name}`]),
    ...keep.flatMap((column) => ['--keep', column]),
    ...(onExisting === 'update' ? ['--on-existing', 'update'] : []),
  ];
}

/** Writes a file that is there as a whole or not at all. @throws CommandFailed */
async function writeFile(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    const file = await open(part, 'w', 0o600);
    try {
      for await (const chunk of bytes) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new CommandFailed(`${path} cannot be written: ${error.message}`, {
      hint: 'Name another file with --out, or leave it out to have the rows on standard output.',
      exitCode: exitCodes.notDone,
      cause: error,
    });
  }
}
