import { backOff, pauseRetries } from '../../domain/retry.ts';
import { retryOrGiveUp, type FailurePorts } from '../../domain/dead-letters.ts';
import type { BatchLimits } from '../../domain/user-import/plan-reading.ts';
import { processCsv, type ProcessCsvPorts } from '../../domain/user-import/process-csv.ts';
import { sendAll } from '../../domain/send-all.ts';
import type { Codec } from '../../ports/codec.ts';
import type { MessageQueue } from '../../ports/message-queue.ts';
import type { Delivery } from '../../ports/message-source.ts';
import type { ReadImport, StopSignal, UploadMessage } from '../../ports/vocabulary.ts';
import { beginImports, type LandedUploadsPorts } from './landed-uploads.ts';
import { acknowledged, verdictOnError, verdictOnUnreadable, type Stage, type Verdict } from './stage.ts';

export interface ProcessCsvStagePorts extends ProcessCsvPorts, FailurePorts, LandedUploadsPorts {
  /** For imports that begin, and for the continuation of a reading that met its deadline. */
  readonly uploadQueue: MessageQueue<UploadMessage>;
  readonly uploadCodec: Codec<UploadMessage>;
}

export interface ProcessCsvOptions {
  readonly limits: BatchLimits;
  /** How long one reading may take, in milliseconds; without it, as long as it needs. */
  readonly legMs?: number;
}

/** A reading that met its deadline without a row further than before would never end. */
class NoProgress extends Error {
  override readonly name = 'NoProgress';
}

/** process-csv: an upload that landed becomes an import, and an import that is to be read batches on the records queue. */
export function processCsvStage(ports: ProcessCsvStagePorts, options: ProcessCsvOptions): Stage<UploadMessage> {
  return {
    name: 'process-csv',
    handle: (deliveries, stop) => Promise.all(deliveries.map((delivery) => handleOne(ports, options, delivery, stop))),
  };
}

function handleOne(
  ports: ProcessCsvStagePorts,
  options: ProcessCsvOptions,
  delivery: Delivery<UploadMessage>,
  stop: StopSignal,
): Promise<Verdict> {
  const { content } = delivery;
  if (!content.ours) return verdictOnUnreadable(ports, 'uploads', delivery, content.text, content.why);
  if ('landed' in content.message) return beginImports(ports, delivery, content.message.landed);
  return read(ports, options, delivery, content.message, stop);
}

async function read(
  ports: ProcessCsvStagePorts,
  options: ProcessCsvOptions,
  delivery: Delivery<UploadMessage>,
  message: ReadImport,
  stop: StopSignal,
): Promise<Verdict> {
  const { importId } = message;
  try {
    const deadline = options.legMs === undefined ? undefined : ports.clock.now() + options.legMs;
    const reading = await processCsv(ports, importId, delivery.id, {
      stop,
      limits: options.limits,
      ...(deadline !== undefined && { deadline }),
    });
    if (reading.end === 'busy') return { verdict: 'release', delayMs: backOff(pauseRetries, delivery.receives, ports.random) };
    if (reading.end !== 'interrupted') return acknowledged;
    if (stop.aborted) return { verdict: 'release', delayMs: 0 };
    if (!reading.advanced) throw new NoProgress(`Import ${importId} came no further within ${options.legMs} ms.`);
    await sendAll(ports, ports.uploadQueue, [{ body: message }]);
    return acknowledged;
  } catch (error) {
    return verdictOnError(delivery, ports.random, error, async (own) => {
      const text = ports.uploadCodec.encode(message);
      const fate = await retryOrGiveUp(ports, { queue: 'uploads', text, importId, part: 'upload' }, own);
      return fate.fate === 'retry' ? { verdict: 'release', delayMs: fate.afterMs, error: own } : acknowledged;
    });
  }
}
