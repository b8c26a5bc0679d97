import type { ImportHead, ImportLedger } from '../ports/import-ledger.ts';

/**
 * All imports, the newest first; the ledger is asked for more only as they are looked at.
 * @param page how many it is asked for at once
 */
export async function* allImports(imports: Pick<ImportLedger, 'list'>, page = 100): AsyncGenerator<ImportHead> {
  for (let heads = await imports.list(page); heads.length > 0; heads = await imports.list(page, heads.at(-1)?.id)) yield* heads;
}
