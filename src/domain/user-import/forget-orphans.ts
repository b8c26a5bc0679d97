import type { Clock } from '../../ports/clock.ts';
import type { ImportLedger } from '../../ports/import-ledger.ts';
import type { UploadSpool } from '../../ports/upload-spool.ts';
import { allImports } from '../all-imports.ts';

export interface OrphanPorts {
  readonly clock: Clock;
  readonly imports: Pick<ImportLedger, 'list'>;
  readonly spool: UploadSpool;
}

/** Between an upload and its import there are moments; what is silent for so long has nobody any more who sends it. In milliseconds. */
const ages = { whole: 3_600_000, unfinished: 24 * 3_600_000 };

/**
 * Removes what a process left in the spool that died between taking an upload in and beginning its import, or amid the upload. Whatever an
 * import is still to be read from stays, however old it is: messages and dead letters name an upload only by its import.
 * @returns how many were removed
 */
export async function forgetOrphans({ clock, imports, spool }: OrphanPorts): Promise<number> {
  const now = clock.now();
  const old = (await spool.list()).filter(
    ({ location, touchedAt }) => now - touchedAt > (location === undefined ? ages.unfinished : ages.whole),
  );
  if (old.length === 0) return 0;
  const wanted = new Set<string>();
  for await (const { state, upload } of allImports(imports)) if (state === 'reading') wanted.add(upload.location);
  const orphans = old.filter(({ location }) => location === undefined || !wanted.has(location));
  for (const orphan of orphans) await spool.remove(orphan);
  return orphans.length;
}
