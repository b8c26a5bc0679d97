import type { Clock } from '../../ports/clock.ts';
import type { ImportHead, ImportLedger } from '../../ports/import-ledger.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import type { ImportId } from '../../ports/vocabulary.ts';
import { cancelled } from './import.ts';
import { letGo } from './let-go.ts';

export interface CancelPorts {
  readonly imports: ImportLedger;
  readonly uploads: Pick<UploadStore, 'markDone'>;
  readonly clock: Clock;
}

/** What came of it. `cancelled`: it is, now or since before. `too-late`: there is nothing left to read. `unknown`: there is no such import. */
export type Cancelling =
  { readonly end: 'cancelled' | 'too-late'; readonly head: ImportHead } | { readonly end: 'unknown'; readonly head?: undefined };

/**
 * Ends the reading of an import. A reader that is at it finds its head changed at its next checkpoint and lets go, which is a safe point:
 * what it has queued by then is stored and counted like any other row, and the rest of the file is not read.
 */
export async function cancelImport(ports: CancelPorts, id: ImportId): Promise<Cancelling> {
  for (;;) {
    const head = await ports.imports.find(id);
    if (!head) return { end: 'unknown' };
    if (head.state === 'cancelled') return { end: 'cancelled', head };
    if (head.state !== 'reading') return { end: 'too-late', head };
    const next = cancelled(head, ports.clock.now());
    if (!(await ports.imports.replace(next))) continue;
    await letGo(ports, head.upload);
    return { end: 'cancelled', head: { ...next, revision: next.revision + 1 } };
  }
}
