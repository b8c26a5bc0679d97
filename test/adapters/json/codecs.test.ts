import { describe, expect, test } from '@jest/globals';
import { jsonRecordBatches } from '../../../src/adapters/json/record-batch.ts';
import { jsonUploadMessages } from '../../../src/adapters/json/upload-message.ts';
import { jsonWelcomeMessages } from '../../../src/adapters/json/welcome-message.ts';
import type { RecordBatch } from '../../../src/ports/vocabulary.ts';
import { codecContract } from '../../contracts/codec.contract.ts';
import { recordBatches, uploadMessages, welcomeMessages } from './messages.ts';

const batch: RecordBatch = {
  importId: 'import-1',
  importedAt: 1_700_000_000_000,
  firstRow: 11,
  rows: 4,
  onExisting: 'skip',
  welcome: true,
  records: [
    { row: 11, key: 'a@example.com', address: 'a@example.com', name: 'A' },
    { row: 13, key: 'b@example.com', address: 'B@example.com', name: 'B', attributes: { city: 'Oslo' } },
    { row: 14, key: 'c@example.com', address: 'c@example.com', name: 'C' },
  ],
  rejections: [{ row: 12, line: 13, column: 'email', code: 'invalid-address', reason: 'There is no @.', cells: ['X', 'x'], cut: false }],
};
const upload = '{"v":1,"kind":"upload","importId":"import-1"}';
const welcome = '{"v":1,"kind":"welcome","recipients":[]}';
const records = jsonRecordBatches.encode(batch);

codecContract('jsonUploadMessages', () => ({ codec: jsonUploadMessages, messages: uploadMessages, foreign: [welcome, records] }));
codecContract('jsonWelcomeMessages', () => ({ codec: jsonWelcomeMessages, messages: welcomeMessages, foreign: [upload, records] }));
codecContract('jsonRecordBatches', () => ({ codec: jsonRecordBatches, messages: recordBatches, foreign: [upload, welcome] }));

describe('the envelope', () => {
  test('is what older and newer programs find on the queue', () => {
    expect(jsonUploadMessages.encode({ importId: 'import-1' })).toBe(upload);
    expect(jsonUploadMessages.encode({ landed: [{ identity: 'i', location: 'l', name: 'people.csv', size: 3 }] })).toBe(
      '{"v":1,"kind":"upload","landed":[{"identity":"i","location":"l","name":"people.csv","size":3}]}',
    );
    expect(jsonWelcomeMessages.encode({ recipients: [] })).toBe(welcome);
    expect(JSON.parse(records)).toEqual({
      v: 1,
      kind: 'records',
      importId: 'import-1',
      importedAt: 1_700_000_000_000,
      firstRow: 11,
      rows: 4,
      onExisting: 'skip',
      welcome: true,
      keys: ['a@example.com', 'b@example.com', 'c@example.com'],
      names: ['A', 'B', 'C'],
      addresses: [0, 'B@example.com', 0],
      attributes: [0, { city: 'Oslo' }, 0],
      rejections: [[12, 13, 'email', 'invalid-address', 'There is no @.', ['X', 'x']]],
    });
  });

  test.each([
    ['no JSON', 'a,b', 'it is not a JSON object'],
    ['a list', '[1]', 'it is not a JSON object'],
    ['no version', '{"kind":"upload","importId":"x"}', 'it does not say which version and kind of message it is'],
    ['a newer version', '{"v":2,"kind":"upload","importId":"x"}', 'it is of version 2, and this Rollcall understands version 1'],
    ['another kind', '{"v":1,"kind":"other","importId":"x"}', 'it is not a message of the kind "upload"'],
    ['an empty id', '{"v":1,"kind":"upload","importId":""}', '"importId" is not as it should be (too_small)'],
    ['neither an import nor uploads', '{"v":1,"kind":"upload"}', 'it has to name either an import or uploads'],
    ['both', '{"v":1,"kind":"upload","importId":"x","landed":[]}', 'it has to name either an import or uploads'],
    [
      'an upload without its size',
      '{"v":1,"kind":"upload","landed":[{"identity":"i","location":"l","name":"n"}]}',
      '"landed.0.size" is not as it should be (invalid_type)',
    ],
    ['a number for an id', '{"v":1,"kind":"upload","importId":1}', '"importId" is not as it should be (invalid_type)'],
    [
      'more than it should hold',
      '{"v":1,"kind":"upload","importId":"x","more":1}',
      'the message is not as it should be (unrecognized_keys)',
    ],
  ])('refuses %s and says why', (_, text, why) => {
    expect(jsonUploadMessages.decode(text)).toEqual({ ours: false, text, why });
  });

  test.each([
    ['a recipient without a name', { userId: 'u', address: 'a@example.com', importId: 'i' }],
    ['an attribute that is no text', { userId: 'u', address: 'a@example.com', name: '', importId: 'i', attributes: { age: 7 } }],
    ['a recipient with more', { userId: 'u', address: 'a@example.com', name: '', importId: 'i', more: '' }],
    ['a recipient of no import', { userId: 'u', address: 'a@example.com', name: '' }],
  ])('refuses %s', (_, recipient) => {
    expect(jsonWelcomeMessages.decode(JSON.stringify({ v: 1, kind: 'welcome', recipients: [recipient] })).ours).toBe(false);
  });
});

test('the import of most recipients stands once in a message of welcomes', () => {
  const recipientOf = (importId: string) => ({ userId: 'u', address: 'a@example.com', name: '', importId });
  const text = jsonWelcomeMessages.encode({ recipients: ['i', 'i', 'j'].map(recipientOf) });
  expect(JSON.parse(text)).toMatchObject({ importId: 'i', recipients: [{ userId: 'u' }, { userId: 'u' }, { importId: 'j' }] });
  expect(text.split('"importId"')).toHaveLength(3);
});

test('characters that some queues do not take are escaped, and come back', () => {
  const importId = 'a\ufffeb\uffff🎉';
  const text = jsonUploadMessages.encode({ importId });
  expect(text).toBe('{"v":1,"kind":"upload","importId":"a\\ufffeb\\uffff🎉"}');
  expect(jsonUploadMessages.decode(text)).toStrictEqual({ ours: true, message: { importId } });
});

describe('a batch on the queue', () => {
  const rejection = [12, 13, 'email', 'invalid-address', 'There is no @.', ['X', 'x']];

  test.each<[string, Record<string, unknown>]>([
    ['a key that is no text', { keys: ['a', 1, 'c'] }],
    ['an empty key', { keys: ['a', '', 'c'] }],
    ['a name that is no text', { names: ['A', null, 'C'] }],
    ['too few names', { names: ['A', 'B'] }],
    ['too many names', { names: ['A', 'B', 'C', 'D'] }],
    ['too many addresses', { addresses: [0, 0, 0, 0] }],
    ['an empty address', { addresses: [0, '', 0] }],
    ['an address that is no text', { addresses: [0, 1, 0] }],
    ['attributes that are a list', { attributes: [0, ['Oslo'], 0] }],
    ['an attribute that is no text', { attributes: [0, { city: null }, 0] }],
    ['keys that are no list', { keys: { length: 3 } }],
    ['more rows than it holds', { rows: 5 }],
    ['fewer rows than it holds', { rows: 3 }],
    ['a row before the first', { firstRow: 0 }],
    ['a first row that is no whole number', { firstRow: 11.5 }],
    ['rows beyond what numbers can count', { firstRow: Number.MAX_SAFE_INTEGER }],
    ['an unknown mode', { onExisting: 'replace' }],
    ['a time before the epoch', { importedAt: -1 }],
    ['a welcome that is neither yes nor no', { welcome: 1 }],
    ['a field that is not ours', { more: 1 }],
    ['a rejection of a row outside', { rejections: [[15, ...rejection.slice(1)]] }],
    ['a rejection of a row before', { rejections: [[10, ...rejection.slice(1)]] }],
    ['a row rejected twice', { rows: 5, rejections: [rejection, rejection] }],
    ['a rejection without cells', { rejections: [rejection.slice(0, 5)] }],
    ['a rejection with more', { rejections: [[...rejection, 1, 1]] }],
    ['a rejection cut in another way', { rejections: [[...rejection, true]] }],
    ['a cell that is no text', { rejections: [[...rejection.slice(0, 5), ['X', 1]]] }],
    ['a rejection without a code', { rejections: [[12, 13, 'email', '', 'There is no @.', []]] }],
    ['a rejection on no line', { rejections: [[12, 0, ...rejection.slice(2)]] }],
  ])('is refused with %s', (_, change) => {
    const text = JSON.stringify({ ...(JSON.parse(records) as object), ...change });
    expect(jsonRecordBatches.decode(text)).toEqual({ ours: false, text, why: expect.stringMatching(/\S/) });
  });

  test.each(Object.keys(JSON.parse(records) as object).filter((field) => field !== 'addresses' && field !== 'attributes'))(
    'is refused without its %s',
    (field) => {
      const { [field]: _, ...rest } = JSON.parse(records) as Record<string, unknown>;
      expect(jsonRecordBatches.decode(JSON.stringify(rest)).ours).toBe(false);
    },
  );

  test('leaves out what can be told from the rest', () => {
    const plain = { ...batch, rows: 1, records: batch.records.slice(0, 1), rejections: [] };
    expect(Object.keys(JSON.parse(jsonRecordBatches.encode(plain)) as object)).not.toContain('addresses');
    expect(Object.keys(JSON.parse(jsonRecordBatches.encode(plain)) as object)).not.toContain('attributes');
  });

  test.each<[string, Partial<RecordBatch>]>([
    ['a row that is missing', { records: batch.records.slice(0, 2) }],
    ['rows out of order', { records: [...batch.records].reverse() }],
    ['a row that is there twice', { records: [...batch.records.slice(0, 2), batch.records[1]!] }],
    ['a rejection out of range', { rejections: [{ ...batch.rejections[0]!, row: 20 }] }],
  ])('is not sent with %s', (_, change) => {
    expect(() => jsonRecordBatches.encode({ ...batch, ...change })).toThrow(RangeError);
  });
});
