import { retryOrGiveUp, type FailurePorts } from '../../domain/dead-letters.ts';
import { insertRecords, type InsertPorts } from '../../domain/user-import/insert-records.ts';
import type { Codec } from '../../ports/codec.ts';
import type { Delivery } from '../../ports/message-source.ts';
import type { RecordBatch } from '../../ports/vocabulary.ts';
import { acknowledged, isUnavailable, verdictOnError, verdictOnUnreadable, type Stage, type Verdict } from './stage.ts';

export interface InsertRecordsStagePorts extends InsertPorts, FailurePorts {
  readonly recordsCodec: Codec<RecordBatch>;
}

/** insert-records: batches become users, and every row gets its outcome. All batches of a call go together; if that fails, each by itself. */
export function insertRecordsStage(ports: InsertRecordsStagePorts): Stage<RecordBatch> {
  return {
    name: 'insert-records',
    async handle(deliveries) {
      const batches = deliveries.flatMap(({ content }) => (content.ours ? [content.message] : []));
      try {
        if (batches.length > 0) await insertRecords(ports, batches);
      } catch (error) {
        // One bad batch must not hold up the others; where nothing works at all, trying one by one would not either.
        if (deliveries.length > 1 && !isUnavailable(error)) return eachApart(ports, deliveries);
        return Promise.all(deliveries.map((delivery) => verdictOnFailed(ports, delivery, error)));
      }
      return Promise.all(deliveries.map((delivery) => verdictOnRest(ports, delivery)));
    },
  };
}

async function eachApart(ports: InsertRecordsStagePorts, deliveries: readonly Delivery<RecordBatch>[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const delivery of deliveries) {
    try {
      if (delivery.content.ours) await insertRecords(ports, [delivery.content.message]);
      verdicts.push(await verdictOnRest(ports, delivery));
    } catch (error) {
      verdicts.push(await verdictOnFailed(ports, delivery, error));
    }
  }
  return verdicts;
}

/** What was ours is done; what was not is set aside. */
function verdictOnRest(ports: InsertRecordsStagePorts, delivery: Delivery<RecordBatch>): Promise<Verdict> {
  const { content } = delivery;
  return content.ours ? Promise.resolve(acknowledged) : verdictOnUnreadable(ports, 'records', delivery, content.text, content.why);
}

function verdictOnFailed(ports: InsertRecordsStagePorts, delivery: Delivery<RecordBatch>, error: unknown): Promise<Verdict> {
  const { content } = delivery;
  if (!content.ours) return verdictOnUnreadable(ports, 'records', delivery, content.text, content.why);
  const { importId, firstRow } = content.message;
  return verdictOnError(delivery, ports.random, error, async (own) => {
    const text = ports.recordsCodec.encode(content.message);
    const fate = await retryOrGiveUp(ports, { queue: 'records', text, importId, part: firstRow }, own);
    return fate.fate === 'retry' ? { verdict: 'release', delayMs: fate.afterMs, error: own } : acknowledged;
  });
}
