import { setAside, type FailurePorts } from '../../domain/dead-letters.ts';
import { requestOf } from '../../domain/user-import/wishes.ts';
import { startImport, type StartPorts } from '../../domain/user-import/start-import.ts';
import type { Codec } from '../../ports/codec.ts';
import type { Delivery } from '../../ports/message-source.ts';
import type { UploadTickets } from '../../ports/upload-tickets.ts';
import { PortError, type Upload, type UploadMessage } from '../../ports/vocabulary.ts';
import { acknowledged, verdictOnError, type Verdict } from './stage.ts';

export interface LandedUploadsPorts extends StartPorts, Omit<FailurePorts, 'imports'> {
  /** Where uploads may come with wishes. */
  readonly tickets?: Pick<UploadTickets, 'wishes'>;
  readonly uploadCodec: Codec<UploadMessage>;
}

/**
 * Uploads that landed: their imports begin, each with a message of its own that has it read. Whoever hears of an upload twice
 * finds its import begun. An upload that cannot be imported is set aside by itself, and holds up no other.
 */
export async function beginImports(ports: LandedUploadsPorts, delivery: Delivery<unknown>, uploads: readonly Upload[]): Promise<Verdict> {
  try {
    for (const upload of uploads) await begin(ports, upload);
    return acknowledged;
  } catch (error) {
    return verdictOnError(delivery, ports.random, error);
  }
}

async function begin(ports: LandedUploadsPorts, upload: Upload): Promise<void> {
  try {
    const wishes = (await ports.tickets?.wishes(upload)) ?? {};
    await startImport(ports, requestOf(upload, wishes));
  } catch (error) {
    if (!(error instanceof PortError) || error.retryable) throw error;
    await setAside(ports, 'uploads', ports.uploadCodec.encode({ landed: [upload] }), error);
  }
}
