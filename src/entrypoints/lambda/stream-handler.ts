import type { Context, DynamoDBBatchResponse } from 'aws-lambda';
import { toldBy, type ReadImage, type StreamRecord } from '../../adapters/dynamodb-stream/stream-records.ts';
import { announce, type AnnouncePorts } from '../../domain/onboarding/announce.ts';
import type { User } from '../../ports/vocabulary.ts';
import { isUnavailable } from '../stages/stage.ts';
import { recordsOf } from './events.ts';
import { invoke, type InvocationPorts } from './invocation.ts';

export interface StreamPorts extends AnnouncePorts, InvocationPorts {
  /** How whoever writes the users writes them. */
  readonly userOf: ReadImage;
}

/** SQS bills a message by size, but what is done with it by the message: so all users of an invocation are one, some hundred KB large. */
export const recipientsPerMessage = 2_000;

/** A function that the stream of a table feeds. */
export type StreamHandler = (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<DynamoDBBatchResponse>;

/** A record of the stream is of a shape that this program never makes. */
class RecordMalformed extends Error {
  override readonly name = 'RecordMalformed';
  readonly code = 'record-malformed';
}

/**
 * announce: the inserted users of the stream's records go to the welcomes queue. Of records that follow each other, Lambda gives those from
 * the failed one on again. A malformed record is met once more in the front of a batch, and fails that batch: then Lambda divides it
 * until the record is alone, tries it as often as it is told to, and keeps it where failures go.
 */
export function streamHandler(ports: StreamPorts): StreamHandler {
  return (event, context) =>
    invoke(ports, context, 0, async () => {
      const records = recordsOf(event, 'aws:dynamodb') as readonly StreamRecord[];
      const { users, malformed } = readUpToMalformed(records, ports.userOf);
      try {
        ports.telemetry.count('announced', await announce(ports, users, recipientsPerMessage));
      } catch (error) {
        const first = sequenceNumberOf(records[0]);
        if (!isUnavailable(error) || first === undefined) throw error;
        ports.telemetry.error('announce-failed', error);
        return failedFrom(first);
      }
      if (!malformed) return { batchItemFailures: [] };
      const error = new RecordMalformed(`A record of the stream is malformed: ${malformed.why}`);
      if (malformed.index === 0 || malformed.sequenceNumber === undefined) throw error;
      ports.telemetry.error('stream-record-malformed', error, { sequenceNumber: malformed.sequenceNumber });
      return failedFrom(malformed.sequenceNumber);
    });
}

interface Malformed {
  readonly index: number;
  readonly sequenceNumber: string | undefined;
  readonly why: string;
}

/** The users of the records up to the first malformed one. */
function readUpToMalformed(
  records: readonly StreamRecord[],
  userOf: ReadImage,
): { readonly users: readonly User[]; readonly malformed?: Malformed } {
  const users: User[] = [];
  for (const [index, record] of records.entries()) {
    const told = toldBy([record], userOf);
    const [fault] = told.malformed;
    if (fault) return { users, malformed: { index, sequenceNumber: sequenceNumberOf(record), why: fault.why } };
    users.push(...told.users);
  }
  return { users };
}

function sequenceNumberOf(record: StreamRecord | undefined): string | undefined {
  return record?.dynamodb?.SequenceNumber;
}

function failedFrom(itemIdentifier: string): DynamoDBBatchResponse {
  return { batchItemFailures: [{ itemIdentifier }] };
}
