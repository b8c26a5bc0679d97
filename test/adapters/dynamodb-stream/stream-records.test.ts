import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, test } from '@jest/globals';
import { userOf } from '../../../src/adapters/dynamodb/user-item.ts';
import { toldBy } from '../../../src/adapters/dynamodb-stream/stream-records.ts';

const image = {
  key: { S: 'a@example.com' },
  name: { S: 'A' },
  importId: { S: 'import-a' },
  row: { N: '7' },
  version: { S: 'v' },
  welcome: { BOOL: true },
};

/** A record as Lambda hands it over. */
function recordOf(parts: Partial<DynamoDBRecord> = {}, more: Record<string, object | undefined> = {}): DynamoDBRecord {
  const NewImage = { ...image, ...more } as NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;
  return {
    eventID: '1',
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    dynamodb: { SequenceNumber: '111', Keys: { key: image.key }, NewImage, StreamViewType: 'NEW_IMAGE' },
    ...parts,
  };
}

describe('the records of an event of Lambda', () => {
  test('an insert tells of the user', () => {
    const more = { address: { S: 'A@example.com' }, attributes: { S: '{"city":"Zürich"}' } };
    expect(toldBy([recordOf(), recordOf({}, more)], userOf)).toStrictEqual({
      users: [
        { key: 'a@example.com', address: 'a@example.com', name: 'A', origin: { importId: 'import-a', row: 7 }, welcome: true },
        {
          key: 'a@example.com',
          address: 'A@example.com',
          name: 'A',
          attributes: { city: 'Zürich' },
          origin: { importId: 'import-a', row: 7 },
          welcome: true,
        },
      ],
      malformed: [],
    });
  });

  test('changes, and inserts without a welcome, tell nothing', () => {
    const records = [recordOf({ eventName: 'MODIFY' }), recordOf({ eventName: 'REMOVE' }), recordOf({}, { welcome: { BOOL: false } })];
    expect(toldBy(records, userOf)).toStrictEqual({ users: [], malformed: [] });
  });

  test.each<[string, DynamoDBRecord, RegExp]>([
    ['no name', recordOf({}, { name: undefined }), /attribute name is missing/],
    ['a key that is a number', recordOf({}, { key: { N: '7' } }), /attribute key is missing, or no text/],
    ['a row that is no number', recordOf({}, { row: { N: 'seven' } }), /attribute row is missing, or no number/],
    ['a welcome that is a text', recordOf({}, { welcome: { S: 'true' } }), /attribute welcome is missing, or no flag/],
    ['attributes that are no JSON', recordOf({}, { attributes: { S: '{' } }), /attribute attributes is missing, or no JSON/],
    ['attributes that are a list', recordOf({}, { attributes: { S: '[]' } }), /no JSON object/],
    ['no image', recordOf({ dynamodb: { SequenceNumber: '111' } }), /NEW_IMAGE/],
    ['another kind of event', recordOf({ eventName: 'TRUNCATE' as 'INSERT' }), /"TRUNCATE"/],
  ])('with %s one is malformed, and named', (_, record, why) => {
    const { users, malformed } = toldBy([recordOf(), record, recordOf()], userOf);
    expect(users).toHaveLength(2);
    expect(malformed).toStrictEqual([{ sequenceNumber: '111', why: expect.stringMatching(why) as unknown }]);
  });

  test('something that is no record at all is malformed without a name', () => {
    expect(toldBy([{}], userOf).malformed).toStrictEqual([{ why: expect.stringMatching(/no record/) as unknown }]);
  });

  test('what is wrong is said without what is in the record', () => {
    const [malformed] = toldBy([recordOf({}, { name: { N: '5' } })], userOf).malformed;
    expect(malformed?.why).not.toMatch(/example/);
  });
});
