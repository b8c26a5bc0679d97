import fc from 'fast-check';
import type { Attributes, RecordBatch, Rejection, UploadMessage, UserRecord, WelcomeMessage } from '../../../src/ports/vocabulary.ts';

const text = fc.string({ unit: 'binary' });
const word = fc.string({ unit: 'binary', minLength: 1 });
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(fc.oneof(text, fc.constant('__proto__')), text, { noNullPrototype: true });

/** Any message of the `uploads` queue. */
export const uploadMessages: fc.Arbitrary<UploadMessage> = fc.oneof(
  fc.record({ importId: word }, { noNullPrototype: true }),
  fc.record(
    { landed: fc.array(fc.record({ identity: word, location: word, name: text, size: fc.nat() }, { noNullPrototype: true })) },
    { noNullPrototype: true },
  ),
);

/** Any message of the `welcomes` queue. */
export const welcomeMessages: fc.Arbitrary<WelcomeMessage> = fc.record(
  {
    recipients: fc.array(
      fc.record(
        { userId: word, address: word, name: text, attributes, importId: word },
        { requiredKeys: ['userId', 'address', 'name', 'importId'], noNullPrototype: true },
      ),
    ),
  },
  { noNullPrototype: true },
);

/** One row of a batch: a record whose address may be its key, or a rejection. */
const row = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key: word, address: fc.option(word), name: text, attributes: fc.option(attributes) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      line: fc.integer({ min: 1 }),
      column: text,
      code: word,
      reason: text,
      cells: fc.array(text),
      cut: fc.boolean(),
    }),
  },
);

/** Any message of the `records` queue: every row of its range once, as a record or as a rejection. */
export const recordBatches: fc.Arbitrary<RecordBatch> = fc
  .record({
    importId: word,
    importedAt: fc.nat(),
    firstRow: fc.integer({ min: 1, max: 2 ** 52 }),
    onExisting: fc.constantFrom('skip' as const, 'update' as const),
    welcome: fc.boolean(),
    all: fc.array(row),
  })
  .map(({ all, ...head }) => {
    const records: UserRecord[] = [];
    const rejections: Rejection[] = [];
    all.forEach((one, index) => {
      const number = head.firstRow + index;
      if ('cells' in one) rejections.push({ row: number, ...one });
      else {
        const { key, address, name, attributes: kept } = one;
        records.push({ row: number, key, address: address ?? key, name, ...(kept === null ? {} : { attributes: kept }) });
      }
    });
    return { ...head, rows: all.length, records, rejections };
  });
