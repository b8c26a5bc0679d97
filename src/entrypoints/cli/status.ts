import { allImports } from '../../domain/all-imports.ts';
import type { ImportHead } from '../../ports/import-ledger.ts';
import { tokens, type World } from '../composition/tokens.ts';
import type { Context } from './context.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { WorldFlags } from './flags.ts';
import { followedHead } from './follow.ts';
import type { Output } from './output.ts';
import { attentionLines, jsonOf, rejectionLines, resultLines } from './report-lines.ts';
import { reportOfHead } from './report.ts';
import { selectedImport } from './select.ts';
import { withWorld } from './world.ts';
import { Suggestions } from './suggest.ts';
import { brief, number, shortId, shown, when } from './words.ts';

/** What `status` is told. */
export interface StatusFlags extends WorldFlags {
  readonly all?: true;
  readonly row?: number;
  readonly json?: true;
}

/** `rollcall status`: shows what became of an import, of one of its rows, or of all imports. @returns the exit status */
export function showStatus(prefix: string | undefined, flags: StatusFlags, context: Context): Promise<number> {
  const { output } = context;
  return withWorld(context, flags, async (world) => {
    if (flags.all) await listImports(world, output, flags);
    else {
      const head = await selectedImport(world, prefix, flags);
      if (flags.row !== undefined) await showRow(world, output, head, flags.row);
      else await showImport(world, output, head, flags);
    }
    return exitCodes.done;
  });
}

async function showImport(world: World, output: Output, head: ImportHead, flags: StatusFlags): Promise<void> {
  const report = await reportOfHead(world, head);
  if (flags.json) {
    output.result(jsonOf(report));
    return;
  }
  const [latest] = await world.get(tokens.imports).list(1);
  const suggest = new Suggestions(flags);
  const attention = attentionLines(report, suggest);
  for (const line of [...resultLines(report, suggest, head.id === latest?.id), ...(attention.length > 0 ? ['', ...attention] : [])])
    output.result(line);
}

async function listImports(world: World, output: Output, flags: StatusFlags): Promise<void> {
  if (!flags.json)
    output.result(
      `${'import'.padEnd(8)}  ${'begun'.padEnd(16)}  ${'state'.padEnd(10)}  ${'rows'.padStart(11)}  ${'welcomed'.padStart(11)}  file`,
    );
  for await (const head of allImports(world.get(tokens.imports))) {
    if (flags.json) output.result(jsonOf(await reportOfHead(world, head)));
    else {
      const { summary } = await followedHead(world, head);
      const counts = `${number(summary.rows).padStart(11)}  ${number(summary.welcomed).padStart(11)}`;
      output.result(`${shortId(head.id)}  ${when(head.createdAt)}  ${summary.state.padEnd(10)}  ${counts}  ${brief(head.upload.name, 60)}`);
    }
  }
}

async function showRow(world: World, output: Output, head: ImportHead, row: number): Promise<void> {
  const imports = world.get(tokens.imports);
  const [found] = await imports.outcomes(head.id, row, 1);
  if (found?.row !== row) {
    throw new CommandFailed(`Row ${row} of ${shown(head.upload.name)} has no outcome.`, {
      hint: 'Rows are counted from 1, below the header; or it is not processed yet.',
      exitCode: exitCodes.usage,
    });
  }
  output.result(`row ${number(row)} of ${shown(head.upload.name)}: ${found.outcome}`);
  if (found.outcome === 'rejected') for (const line of rejectionLines(await imports.rejections(head.id, row - 1, 1))) output.result(line);
}
