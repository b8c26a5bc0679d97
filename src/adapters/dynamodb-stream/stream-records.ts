import type { User } from '../../ports/vocabulary.ts';

/** An item's image as the stream's own API and Lambda's events write it; of the kinds of values that are used here. */
export type Image = Readonly<
  Record<string, { readonly S?: string | undefined; readonly N?: string | undefined; readonly BOOL?: boolean | undefined } | undefined>
>;

/** A record of a table's stream: the part that the stream's API and Lambda's events have in common. */
export interface StreamRecord {
  readonly eventName?: string | undefined;
  readonly dynamodb?: { readonly SequenceNumber?: string | undefined; readonly NewImage?: Image | undefined } | undefined;
}

/** Reads a user out of an image, or throws an error that says what is wrong with it. */
export type ReadImage = (image: Image) => User;

/** What a stream's records tell of. */
export interface Told {
  /** Inserted users whose welcome is wanted. */
  readonly users: readonly User[];
  /** Records of a shape that this program never makes. `sequenceNumber` names the record in its shard, where it has one. */
  readonly malformed: readonly { readonly sequenceNumber?: string; readonly why: string }[];
}

/**
 * What the records of a stream, or of one of Lambda's events for it, tell of. Records of changes, and of users without a welcome, tell
 * nothing.
 */
export function toldBy(records: readonly StreamRecord[], userOf: ReadImage): Told {
  const users: User[] = [];
  const malformed: { readonly sequenceNumber?: string; readonly why: string }[] = [];
  for (const record of records) {
    const user = insertedIn(record, userOf);
    const sequenceNumber = record.dynamodb?.SequenceNumber;
    if (typeof user === 'string') malformed.push({ ...(sequenceNumber !== undefined && { sequenceNumber }), why: user });
    else if (user?.welcome === true) users.push(user);
  }
  return { users, malformed };
}

/** The user whom a record tells of as inserted, nobody, or what is wrong with the record. */
function insertedIn({ eventName, dynamodb }: StreamRecord, userOf: ReadImage): User | string | undefined {
  if (eventName === 'MODIFY' || eventName === 'REMOVE') return undefined;
  if (eventName !== 'INSERT') return `It is no record of a change to a table: its eventName is ${JSON.stringify(eventName)}.`;
  if (!dynamodb?.NewImage) return 'It holds no image of the new item: the stream of the table must be of the kind NEW_IMAGE.';
  try {
    return userOf(dynamodb.NewImage);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
