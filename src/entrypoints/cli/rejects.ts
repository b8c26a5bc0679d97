import { open, rename, rm } from 'node:fs/promises';
import { columnLabel, rejectsColumns } from '../../domain/user-import/columns.ts';
import { neutralised } from '../../domain/user-import/formula.ts';
import type { ImportHead } from '../../ports/import-ledger.ts';
import type { Rejection } from '../../ports/vocabulary.ts';
import { tokens, type World } from '../composition/tokens.ts';
import type { Context } from './context.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { DatabaseFlags } from './flags.ts';
import { selectedImport } from './select.ts';
import { withSession } from './session.ts';
import { Suggestions } from './suggest.ts';
import { counted, shown } from './words.ts';

/** `rollcall rejects`: writes the rejected rows, with what is wrong with each, as a CSV that can be corrected and imported. @returns the exit status */
export function writeRejects(
  prefix: string | undefined,
  flags: DatabaseFlags & { readonly out?: string },
  context: Context,
): Promise<number> {
  const { output } = context;
  return withSession(context, { db: flags.db, to: 'look' }, async ({ world }) => {
    const head = await selectedImport(world, prefix, flags);
    const { rejected } = await world.get(tokens.imports).progress(head.id);
    if (rejected === 0) {
      output.note(`No row of ${shown(head.upload.name)} was rejected: there is nothing to write.`);
      return exitCodes.done;
    }
    const bytes = world.get(tokens.rowWriter).write(rejectRows(world, head));
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

/** How many rejections are in memory at once: each may have 64 KiB of cells. */
const page = 100;

/** More columns than a table of people has; what a broken row has beyond is left out. */
const mostColumns = 1_000 - rejectsColumns.length;

/** The header and the rejected rows as they were, each filled up to the same width, and what is wrong with it. Cells are harmless in a spreadsheet. */
async function* rejectRows(world: World, head: ImportHead): AsyncGenerator<readonly string[]> {
  const header = headerOf(head);
  let width = header.length;
  // Rows may be longer than the header: the widest one is found first, so that nothing of them is lost.
  for await (const { cells, cut } of rejections(world, head)) if (!cut) width = Math.max(width, Math.min(cells.length, mostColumns));
  const filled = (cells: readonly string[], empty: (index: number) => string): string[] =>
    Array.from({ length: width }, (_, index) => neutralised(cells[index] ?? empty(index)));
  yield [...filled(header, (index) => `column ${index + 1}`), ...rejectsColumns];
  for await (const { cells, row, column, code, reason } of rejections(world, head)) {
    yield [...filled(cells, () => ''), ...[String(row), column, code, reason].map(neutralised)];
  }
}

/** The original header; where there was none, one that tells address and name. */
function headerOf({ plan }: ImportHead): readonly string[] {
  if (!plan) return [];
  const { columns } = plan;
  if (columns.header) return columns.rejects ? columns.header.slice(0, -rejectsColumns.length) : columns.header;
  const width = Math.max(columns.email, ...columns.name, ...columns.keep.map(({ index }) => index)) + 1;
  return Array.from({ length: width }, (_, index) =>
    index === columns.email ? 'email' : index === columns.name[0] ? 'name' : columnLabel(columns, index),
  );
}

async function* rejections(world: World, { id }: ImportHead): AsyncGenerator<Rejection> {
  const imports = world.get(tokens.imports);
  for (
    let found = await imports.rejections(id, 0, page);
    found.length > 0;
    found = await imports.rejections(id, found.at(-1)?.row ?? 0, page)
  )
    yield* found;
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
