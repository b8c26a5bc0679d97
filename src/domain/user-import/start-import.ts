import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { ImportHead, ImportLedger, ReadingPlan } from '../../ports/import-ledger.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { ReadingOptions, Upload, UploadMessage } from '../../ports/vocabulary.ts';
import { importId, isEnded, newImport, released, toBeReread } from './import.ts';
import { sendAll } from '../send-all.ts';

export interface StartPorts {
  readonly imports: ImportLedger;
  readonly uploadQueue: MessageQueue<UploadMessage>;
  readonly ids: Ids;
  readonly clock: Clock;
}

export interface ImportRequest {
  readonly upload: Upload;
  readonly options: ReadingOptions;
  readonly welcome: boolean;
  /** Made beforehand; where it is absent the first reader makes it. */
  readonly plan?: ReadingPlan;
  /** Import the upload anew if its last import is ended, and read it from its start once more if it is not. */
  readonly again: boolean;
  /** The store keeps what it took until it is read: an import that is begun goes on with what it has, and does not need this upload. */
  readonly stays?: boolean;
}

/** `started`: a new import. `resumed`: it was begun before and is not ended. `ended`: it was completed, refused or cancelled before, and nothing was done. */
export interface StartedImport {
  readonly head: ImportHead;
  readonly how: 'started' | 'resumed' | 'ended';
  /** What the import was read from until now, where it is read from another place from now on. */
  readonly left?: Upload;
}

/** Begins the import of an upload, or finds the one that there is, and has it read. */
export async function startImport(ports: StartPorts, request: ImportRequest): Promise<StartedImport> {
  const latest = await latestImport(ports, request);
  const ended = latest !== undefined && isEnded(latest.head);
  if (latest && ended && !request.again) return { head: latest.head, how: 'ended' };
  if (latest && !ended) {
    const head = resumed(latest.head, request);
    const { upload } = latest.head;
    if (head !== latest.head) await ports.imports.replace(head);
    // A message for it may still be in the queue: then this one finds the lease taken, or the import read.
    await sendAll(ports, ports.uploadQueue, [{ body: { importId: head.id } }]);
    return { head, how: 'resumed', ...(head.upload.location !== upload.location && { left: upload }) };
  }
  const { upload, options, welcome, plan } = request;
  const id = importId(ports.ids, upload, options, latest ? latest.generation + 1 : 0);
  const head = await ports.imports.create(newImport(id, upload, options, welcome, plan, ports.clock.now()));
  await sendAll(ports, ports.uploadQueue, [{ body: { importId: id } }]);
  return { head, how: 'started' };
}

/** The import of the upload under these options that was begun last, and how many there were before it. */
export async function latestImport(
  ports: Pick<StartPorts, 'imports' | 'ids'>,
  { upload, options }: Pick<ImportRequest, 'upload' | 'options'>,
): Promise<{ readonly head: ImportHead; readonly generation: number } | undefined> {
  let latest: { readonly head: ImportHead; readonly generation: number } | undefined;
  for (let generation = 0; ; generation++) {
    const head = await ports.imports.find(importId(ports.ids, upload, options, generation));
    if (!head) return latest;
    latest = { head, generation };
  }
}

/** The head of an import that goes on; the very same one where nothing changes. */
function resumed(head: ImportHead, { upload, again, stays }: ImportRequest): ImportHead {
  // A queue that was emptied by hand took batches with it. All are sent again; those that have their result keep it.
  if (again) return toBeReread(head, upload);
  // The same bytes may lie elsewhere by now. Whoever reads them just now finds the head changed and lets go; the message that follows takes over.
  const elsewhere = !stays && head.state === 'reading' && head.upload.location !== upload.location;
  return elsewhere ? { ...released(head), upload } : head;
}
