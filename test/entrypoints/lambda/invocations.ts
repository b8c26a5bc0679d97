import type { Context } from 'aws-lambda';
import { MemoryTelemetry } from '../../../src/adapters/memory/telemetry.ts';
import type { FunctionTelemetry } from '../../../src/entrypoints/lambda/invocation.ts';

/** Keeps what it is told, and how often an invocation began and ended. */
export class RecordedTelemetry extends MemoryTelemetry implements FunctionTelemetry {
  readonly begun: Context[] = [];
  flushed = 0;

  begin(context: Context): void {
    this.begun.push(context);
  }

  flush(): void {
    this.flushed += 1;
  }
}

/** The context of an invocation that may take so long, in milliseconds. */
export function lasting(ms: number): Pick<Context, 'getRemainingTimeInMillis'> {
  return { getRemainingTimeInMillis: () => ms };
}

/** The ARN of the queue that all messages come from. */
export const queueArn = 'arn:aws:sqs:eu-central-1:000000000000:rollcall-dev-records';

/** A record of an SQS event, as Lambda hands it over (Lambda Developer Guide, "Example standard queue message event"). */
export function sqsRecord(id: string, body: string, parts: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    messageId: id,
    receiptHandle: `receipt of ${id}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1800000000000',
      SenderId: 'AIDA',
      ApproximateFirstReceiveTimestamp: '1800000000001',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: 'eu-central-1',
    ...parts,
  };
}
