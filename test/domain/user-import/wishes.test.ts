import { describe, expect, test } from '@jest/globals';
import { requestOf } from '../../../src/domain/user-import/wishes.ts';

const upload = { identity: 'i', location: 'l', name: 'people.csv', size: 3 };

describe('requestOf', () => {
  test('what was not wished for is as usual', () => {
    const request = { upload, options: { map: {}, keep: [], onExisting: 'skip' }, welcome: true, again: false };
    expect(requestOf(upload, {})).toStrictEqual(request);
  });

  test('what was wished for is done', () => {
    const options = { encoding: 'utf-8', delimiter: ';', map: { email: 'E', name: '2' }, keep: ['*'], onExisting: 'update' as const };
    expect(requestOf(upload, { ...options, welcome: false })).toStrictEqual({ upload, options, welcome: false, again: false });
  });
});
