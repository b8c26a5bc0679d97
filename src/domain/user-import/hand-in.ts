import type { DeadLetters } from '../../ports/dead-letters.ts';
import type { UploadStore } from '../../ports/upload-store.ts';
import { redriveImport } from '../dead-letters.ts';
import { letGo } from './let-go.ts';
import { startImport, type ImportRequest, type StartedImport, type StartPorts } from './start-import.ts';

export interface HandInPorts extends StartPorts {
  readonly uploads: Pick<UploadStore, 'markDone'>;
  readonly deadLetters: DeadLetters;
}

/**
 * Begins the import of an upload that somebody hands in, or goes on with the one that there is. Whoever hands a file in again has mended what
 * failed, so that is sent back; the bytes that the import was read from until now need not be kept where it reads others.
 */
export async function handIn(ports: HandInPorts, request: ImportRequest): Promise<StartedImport> {
  const started = await startImport(ports, request);
  if (started.left) await letGo(ports, started.left);
  if (started.how === 'resumed') await redriveImport(ports.deadLetters, started.head.id);
  return started;
}
