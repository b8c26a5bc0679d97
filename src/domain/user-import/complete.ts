import type { Clock } from '../../ports/clock.ts';
import type { ImportLedger } from '../../ports/import-ledger.ts';
import type { ImportId } from '../../ports/vocabulary.ts';
import { completed, isDone } from './import.ts';

/**
 * Completes the import if every batch has its result. The reader asks when it has written how many batches there are,
 * and whoever records a result asks after it: so one of the two sees both.
 */
export async function completeIfDone(ports: { readonly imports: ImportLedger; readonly clock: Clock }, id: ImportId): Promise<void> {
  for (;;) {
    // The progress is read after the head: a result that is recorded in between is seen by the one who recorded it.
    const head = await ports.imports.find(id);
    if (head?.state !== 'read' || !isDone(head, await ports.imports.progress(id))) return;
    if (await ports.imports.replace(completed(head, ports.clock.now()))) return;
  }
}
