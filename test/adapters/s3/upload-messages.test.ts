import { describe, expect, test } from '@jest/globals';
import { jsonUploadMessages } from '../../../src/adapters/json/upload-message.ts';
import { jsonWelcomeMessages } from '../../../src/adapters/json/welcome-message.ts';
import { S3UploadMessages } from '../../../src/adapters/s3/upload-messages.ts';
import { codecContract } from '../../contracts/codec.contract.ts';
import { uploadMessages } from '../json/messages.ts';
import { notificationOf, type CreatedObject } from './world.ts';

const codec = new S3UploadMessages(jsonUploadMessages);
const foreign = [jsonWelcomeMessages.encode({ recipients: [] }), '{"Records":{}}', '{"Event":"s3:Other"}', '[]', '3'];
codecContract('S3UploadMessages', () => ({ codec, messages: uploadMessages, foreign }));

const object = { bucket: 'uploads', key: 'people.csv', size: 12, eTag: 'd41d8cd98f00b204e9800998ecf8427e' };
const landed = (...objects: readonly CreatedObject[]) => codec.decode(notificationOf(...objects));

describe('a notification of S3', () => {
  test('is an upload that landed, named by bucket, key and version', () => {
    const location = 's3://uploads/people.csv?version=096fKKXTRTtl3on89fVO.nfljtsv6qko';
    expect(landed({ ...object, versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko' })).toStrictEqual({
      ours: true,
      message: { landed: [{ identity: location, location, name: 'people.csv', size: 12 }] },
    });
  });

  test('names an object by its ETag where its bucket keeps no versions', () => {
    const location = 's3://uploads/people.csv?etag=d41d8cd98f00b204e9800998ecf8427e';
    expect(landed(object)).toStrictEqual({
      ours: true,
      message: { landed: [{ identity: location, location, name: 'people.csv', size: 12 }] },
    });
  });

  test.each([
    ['in/a b+c.csv', 's3://uploads/in/a%20b%2Bc.csv', 'a b+c.csv'],
    ['100%/50%25.csv', 's3://uploads/100%25/50%2525.csv', '50%25.csv'],
    ['员工/李雷.csv', 's3://uploads/%E5%91%98%E5%B7%A5/%E6%9D%8E%E9%9B%B7.csv', '李雷.csv'],
    ['a?version=b#c', 's3://uploads/a%3Fversion%3Db%23c', 'a?version=b#c'],
    ['folder/', 's3://uploads/folder/', 'folder/'],
  ])('knows the key %s', (key, location, name) => {
    const decoded = landed({ ...object, key });
    const whole = `${location}?etag=${object.eTag}`;
    expect(decoded).toStrictEqual({ ours: true, message: { landed: [{ identity: whole, location: whole, name, size: 12 }] } });
  });

  test('may tell of several', () => {
    const decoded = landed(object, { ...object, key: 'more.csv' });
    expect(decoded.ours && 'landed' in decoded.message && decoded.message.landed.map(({ name }) => name)).toStrictEqual([
      'people.csv',
      'more.csv',
    ]);
  });

  test('of what the store itself took in is no upload', () => {
    expect(landed({ ...object, key: '.rollcall/uploads/abc' })).toStrictEqual({ ours: true, message: { landed: [] } });
  });

  test('by which S3 tries whether it is heard is no upload', () => {
    const text =
      '{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-01-01T00:00:00.000Z","Bucket":"uploads","RequestId":"5582815E1AEA5ADF","HostId":"h"}';
    expect(codec.decode(text)).toStrictEqual({ ours: true, message: { landed: [] } });
  });

  const broken = (
    change: (record: { eventName?: string; s3: { bucket: { name?: string }; object: Record<string, unknown> } }) => void,
  ): string => {
    const event = JSON.parse(notificationOf(object, object)) as { Records: Parameters<typeof change>[0][] };
    change(event.Records[1]!);
    return JSON.stringify(event);
  };
  test.each([
    ['what happened', broken((record) => delete record.eventName), 'does not say what happened'],
    [
      'a deletion',
      broken((record) => (record.eventName = 'ObjectRemoved:Delete')),
      'tells of ObjectRemoved:Delete, which no import follows',
    ],
    ['no bucket', broken((record) => delete record.s3.bucket.name), 'does not name its object'],
    ['no key', broken((record) => delete record.s3.object['key']), 'does not name its object'],
    ['a key that nobody encodes so', broken((record) => (record.s3.object['key'] = '%E5%A')), 'does not name its object'],
    ['no size', broken((record) => delete record.s3.object['size']), 'does not say how large'],
    ['neither version nor ETag', broken((record) => delete record.s3.object['eTag']), 'names neither version nor ETag'],
  ])('with %s is not ours, and says which record', (_, text, why) => {
    expect(codec.decode(text)).toStrictEqual({ ours: false, text, why: expect.stringContaining(`record 2 of the notification ${why}`) });
  });
});
