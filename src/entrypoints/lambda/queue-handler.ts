import type { Context, SQSBatchResponse } from 'aws-lambda';
import type { Codec } from '../../ports/codec.ts';
import type { MessageSource } from '../../ports/message-source.ts';
import type { Stage, Verdict } from '../stages/stage.ts';
import { deliveryOf, messageIdOf, type HandedOver } from './deliveries.ts';
import { recordsOf } from './events.ts';
import { invoke, type Invocation, type InvocationPorts } from './invocation.ts';

export interface QueuePorts<T> extends InvocationPorts {
  readonly codec: Codec<T>;
  /** Lets go of a message, by the ARN of its queue. */
  readonly releases: (queueArn: string) => Pick<MessageSource<unknown>, 'release'>;
}

/** A function that a queue of SQS feeds. */
export type QueueHandler = (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<SQSBatchResponse>;

/**
 * Feeds a stage from the events of its queue. Lambda deletes what is not named in the answer, and leaves what is named invisible: so a message that
 * is to come again is first let go of. A record that is none fails by itself, and an event that is none as a whole.
 * @param stageFor the stage, for this invocation
 * @param stopsBefore see `invoke`
 */
export function queueHandler<T>(ports: QueuePorts<T>, stageFor: (invocation: Invocation) => Stage<T>, stopsBefore: number): QueueHandler {
  return (event, context) =>
    invoke(ports, context, stopsBefore, async (invocation) => {
      const records = recordsOf(event, 'aws:sqs').map((record) => ({ id: messageIdOf(record), read: deliveryOf(record, ports.codec) }));
      const stage = stageFor(invocation);
      const handed: HandedOver<T>[] = [];
      const failed: string[] = [];
      for (const { id, read } of records) {
        if (typeof read !== 'string') handed.push(read);
        else {
          failed.push(id);
          ports.telemetry.error('record-malformed', new Error(`The record of the message is no message of SQS: ${read}.`), { message: id });
        }
      }
      const verdicts =
        handed.length > 0
          ? await stage.handle(
              handed.map(({ delivery }) => delivery),
              invocation.stop,
            )
          : [];
      failed.push(...(await carryOut(ports, stage, handed, verdicts)));
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    });
}

/** Lets go of what is to come again; answers the names of those messages. */
async function carryOut<T>(
  ports: QueuePorts<T>,
  { name }: Stage<T>,
  handed: readonly HandedOver<T>[],
  verdicts: readonly Verdict[],
): Promise<readonly string[]> {
  const { telemetry } = ports;
  const again = await Promise.all(
    handed.map(async ({ delivery, queueArn }, index) => {
      const verdict = verdicts[index];
      if (verdict?.verdict === 'acknowledge') return [];
      if (verdict?.error !== undefined) telemetry.error('message-failed', verdict.error, { stage: name, message: delivery.id });
      try {
        await ports.releases(queueArn).release([delivery.receipt], verdict?.delayMs ?? 0);
      } catch (error) {
        // Then it comes again when the queue's own time is over, which is only later.
        telemetry.error('release-failed', error, { stage: name, message: delivery.id });
      }
      return [delivery.id];
    }),
  );
  const trouble = verdicts.find((verdict) => verdict.trouble)?.trouble;
  if (trouble) telemetry.warn('trouble', { stage: name, cause: trouble.message });
  const released = again.flat();
  telemetry.count('messages', handed.length - released.length, { stage: name, verdict: 'acknowledge' });
  telemetry.count('messages', released.length, { stage: name, verdict: 'release' });
  return released;
}
