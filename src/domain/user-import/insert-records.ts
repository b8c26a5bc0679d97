import type { Clock } from '../../ports/clock.ts';
import type { BatchResult, ImportLedger, Outcome } from '../../ports/import-ledger.ts';
import type { Maker, UserDirectory } from '../../ports/user-directory.ts';
import type { OnExisting, RecordBatch } from '../../ports/vocabulary.ts';
import { completeIfDone } from './complete.ts';

export interface InsertPorts {
  readonly users: UserDirectory;
  readonly imports: ImportLedger;
  readonly clock: Clock;
}

/**
 * Makes sure of a user for each record, and records what became of each row. Users first, results after them: a crash
 * in between is healed by doing it again, since a row knows the user that it made.
 */
export async function insertRecords(ports: InsertPorts, batches: readonly RecordBatch[]): Promise<void> {
  const makers = await ports.users.store(batches);
  await ports.imports.record(batches.map((batch, index) => resultOf(batch, makers[index] ?? [])));
  for (const id of new Set(batches.map((batch) => batch.importId))) await completeIfDone(ports, id);
}

/** What became of each row of a batch. */
export function resultOf(batch: RecordBatch, makers: readonly Maker[]): BatchResult {
  const outcomes = new Array<Outcome>(batch.rows).fill('rejected');
  batch.records.forEach((record, index) => {
    outcomes[record.row - batch.firstRow] = outcomeOf(makers[index], batch.onExisting);
  });
  return { importId: batch.importId, firstRow: batch.firstRow, outcomes, rejections: batch.rejections };
}

function outcomeOf(maker: Maker | undefined, onExisting: OnExisting): Outcome {
  if (maker === undefined) throw new TypeError('The directory answered fewer records than it was given.');
  if (maker === 'this') return 'inserted';
  return onExisting === 'update' ? 'updated' : 'duplicate';
}
