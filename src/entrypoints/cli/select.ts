import { allImports } from '../../domain/all-imports.ts';
import type { ImportHead } from '../../ports/import-ledger.ts';
import { tokens, type World } from '../composition/tokens.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { WorldFlags } from './flags.ts';
import { Suggestions } from './suggest.ts';

/** The import whose id begins with `prefix`, or the latest one where none is named. @throws CommandFailed */
export async function selectedImport(world: World, prefix: string | undefined, flags: WorldFlags): Promise<ImportHead> {
  if (prefix === undefined) {
    const [latest] = await world.get(tokens.imports).list(1);
    if (latest) return latest;
    throw new CommandFailed(`There are no imports ${flags.world === 'aws' ? 'on this stack' : 'in this database'} yet.`, {
      hint: `Make one: ${new Suggestions(flags.world === 'aws' ? flags : {}).looking('import', 'people.csv')}`,
      exitCode: exitCodes.usage,
    });
  }
  const found: ImportHead[] = [];
  for await (const head of allImports(world.get(tokens.imports))) if (head.id.startsWith(prefix.toLowerCase())) found.push(head);
  const [first, second] = found;
  if (first && !second) return first;
  const all = new Suggestions(flags).looking('status', '--all');
  if (first)
    throw new CommandFailed(`There are ${found.length} imports whose id begins with ${prefix}.`, {
      hint: `Give more of its digits. All imports: ${all}`,
      exitCode: exitCodes.usage,
    });
  throw new CommandFailed(`There is no import ${prefix}.`, { hint: `All imports: ${all}`, exitCode: exitCodes.usage });
}
