import { describe, expect, test } from '@jest/globals';
import { addressKey, readAddressCell } from '../../../src/domain/user-import/address.ts';

describe('addressKey', () => {
  test.each([
    ['Ada@Example.COM', 'ada@example.com'],
    ['ada@example.com', 'ada@example.com'],
    ['a.b+c@example.com', 'a.b+c@example.com'],
  ])('%s is the person %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('readAddressCell', () => {
  test.each([
    ['ada@example.com', 'ada@example.com', ''],
    ['  ada@example.com\t', 'ada@example.com', ''],
    ['', '', ''],
    ['mailto:ada@example.com', 'ada@example.com', ''],
    ['  mailto:ada@example.com', 'ada@example.com', ''],
    ['see mailto:ada@example.com', 'see mailto:ada@example.com', ''],
    ['Ada Muster <ada@example.com>', 'ada@example.com', 'Ada Muster'],
    ['  Ada Muster  < ada@example.com >  ', 'ada@example.com', 'Ada Muster'],
    ['<ada@example.com>', 'ada@example.com', ''],
    ['"Muster, Ada" <ada@example.com>', 'ada@example.com', 'Muster, Ada'],
    ['" Ada " <ada@example.com>', 'ada@example.com', 'Ada'],
    ['"Ada \\"A\\" Muster" <ada@example.com>', 'ada@example.com', 'Ada "A" Muster'],
    ['"a\\\\b" <ada@example.com>', 'ada@example.com', 'a\\b'],
    ['"" <ada@example.com>', 'ada@example.com', ''],
    ['" <ada@example.com>', 'ada@example.com', '"'],
    ['"Ada <ada@example.com>', 'ada@example.com', '"Ada'],
    ['Ada" <ada@example.com>', 'ada@example.com', 'Ada"'],
    ['Ada <at> <ada@example.com>', 'ada@example.com', 'Ada <at>'],
    ['ada@example.com>', 'ada@example.com>', ''],
    ['Ada <ada@example.com', 'Ada <ada@example.com', ''],
    ['ada@example.com <Ada> x', 'ada@example.com <Ada> x', ''],
  ])('%j holds the address %j and the name %j', (cell, address, name) => {
    expect(readAddressCell(cell)).toStrictEqual({ address, name });
  });
});
