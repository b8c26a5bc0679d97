/** An event is of a kind that this function is not made for: something calls it that should not, or not so. */
export class UnknownEvent extends Error {
  override readonly name = 'UnknownEvent';
  readonly code = 'unknown-event';
}

/** An object of JSON, as it comes in an event. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The records of an event of Lambda (Lambda Developer Guide, "Using Lambda with Amazon SQS" and "… with Amazon DynamoDB").
 * @param source whose records they must be, such as `aws:sqs`
 * @throws UnknownEvent
 */
export function recordsOf(event: unknown, source: string): readonly Fields[] {
  const records = isFields(event) ? event['Records'] : undefined;
  if (!Array.isArray(records)) throw new UnknownEvent(`This is no event of ${source}: it has no list of records.`);
  for (const record of records as readonly unknown[]) {
    const given = isFields(record) ? record['eventSource'] : undefined;
    if (given !== source)
      throw new UnknownEvent(`This function takes records of ${source}, and was given one of ${JSON.stringify(given)}.`);
  }
  return records as readonly Fields[];
}

/** Whether it is an object, and no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
