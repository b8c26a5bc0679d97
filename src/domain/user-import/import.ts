import type { Checkpoint, ImportHead, Progress, ReadingPlan } from '../../ports/import-ledger.ts';
import type { ImportId, Instant, ReadingOptions, Upload } from '../../ports/vocabulary.ts';
import type { Ids } from '../../ports/ids.ts';

/** Raised when the rules change in a way that an import begun under the old ones cannot be continued. */
export const rulesVersion = 1;

/** A reader that has said nothing for this long may be followed by another. In milliseconds. */
export const readerLeaseMs = 60_000;

/**
 * Names the import of an upload under options: the same upload read in the same way is the same import.
 * @param generation counts how often the upload was imported anew on purpose
 */
export function importId(ids: Ids, upload: Upload, options: ReadingOptions, generation: number): ImportId {
  const { encoding = '', delimiter = '', map, keep, onExisting } = options;
  return ids.derived(
    'import',
    upload.identity,
    encoding,
    delimiter,
    map.email ?? '',
    map.name ?? '',
    JSON.stringify(keep),
    onExisting,
    String(generation),
  );
}

/** The head with which an import begins. */
export function newImport(
  id: ImportId,
  upload: Upload,
  options: ReadingOptions,
  welcome: boolean,
  plan: ReadingPlan | undefined,
  now: Instant,
): ImportHead {
  return { id, revision: 0, upload, options, welcome, createdAt: now, state: 'reading', ...(plan && { plan }) };
}

/** Whether somebody else reads the import just now. */
export function isReadByAnother(head: ImportHead, holder: string, now: Instant): boolean {
  return head.lease !== undefined && head.lease.holder !== holder && head.lease.until > now;
}

/** The head with `holder` as its reader, who has come as far as `checkpoint` (left as it is where there is none). */
export function leased(head: ImportHead, holder: string, now: Instant, checkpoint?: Checkpoint): ImportHead {
  return { ...head, lease: { holder, until: now + readerLeaseMs }, ...(checkpoint && { checkpoint }) };
}

/** The head without a reader. */
export function released(head: ImportHead, checkpoint?: Checkpoint): ImportHead {
  const { lease: _, ...rest } = head;
  return { ...rest, ...(checkpoint && { checkpoint }) };
}

/** The head of an import that is read from its start once more, out of that upload: with the plan that it has, so that its batches are the same. */
export function toBeReread({ lease: _, checkpoint: __, batches: ___, ...rest }: ImportHead, upload: Upload): ImportHead {
  return { ...rest, upload, state: 'reading' };
}

/** All rows are read and sent. */
export function fullyRead(head: ImportHead, checkpoint: Checkpoint): ImportHead {
  return { ...released(head, checkpoint), state: 'read', batches: checkpoint.batches };
}

/** Whether every batch has its result, so that the import can be completed. */
export function isDone(head: ImportHead, progress: Progress): boolean {
  return head.state === 'read' && progress.batches === head.batches;
}

/** Whether nothing more is read of the import: importing its upload once more is a wish of its own. */
export function isEnded({ state }: ImportHead): boolean {
  return state === 'completed' || state === 'refused' || state === 'cancelled';
}

/** The head of an import whose reading a person ended. Whoever reads it just now finds the head changed, and lets go. */
export function cancelled(head: ImportHead, now: Instant): ImportHead {
  return { ...released(head), state: 'cancelled', completedAt: now };
}

/** The head of an import of which every row has its outcome. */
export function completed(head: ImportHead, now: Instant): ImportHead {
  return { ...head, state: 'completed', completedAt: now };
}
