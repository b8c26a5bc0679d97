import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HapiAddressSyntax, checkWithLibrary, isOrdinary } from '../../../src/adapters/hapi-address/address-syntax.ts';
import { addressSyntaxContract } from '../../contracts/address-syntax.contract.ts';
import { property } from '../../fuzz/property.ts';

addressSyntaxContract('HapiAddressSyntax', () => new HapiAddressSyntax());

describe('the fast path', () => {
  const character = fc.constantFrom(
    'a',
    'Z',
    '0',
    '9',
    '-',
    '_',
    '.',
    '.',
    '@',
    '+',
    "'",
    '%',
    ' ',
    '\n',
    '[',
    ':',
    'ü',
    '\0',
    '\u017f',
    '\u212a',
  );
  const part = fc.oneof(
    fc.array(character, { maxLength: 12 }).map((all) => all.join('')),
    fc.constantFrom('xn--', 'a'.repeat(63), 'b'.repeat(64), 'com', '0x7f'),
  );
  const address = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.array(part, { minLength: 1, maxLength: 5 }))
    .map(([local, domain]) => `${local.join('.')}@${domain.join('.')}`);

  property('only says yes where the library does, to the address as it is', fc.oneof(address, fc.emailAddress(), fc.string()), (raw) => {
    if (isOrdinary(raw)) expect(checkWithLibrary(raw)).toStrictEqual({ deliverable: true, address: raw });
  });

  test('says yes to what is ordinary', () => {
    expect(['someone@example.com', 'Some.One+tag@mail.example.co.uk', 'user000000001@example996.com'].every(isOrdinary)).toBe(true);
  });
});

describe('the reason', () => {
  test.each([
    ['', 'it is empty'],
    ['someone', 'there is no @ in it'],
    ['王小明', 'there is no @ in it'],
    ['a@b@example.com', 'there is more than one @ in it'],
    ['@example.com', 'nothing stands before the @'],
    ['someone@', 'nothing stands after the @'],
    ['someone@localhost', 'the domain has no dot'],
    ['a..b@example.com', 'a dot before the @ stands at an end or beside another dot'],
    ['some one@example.com', 'a character before the @ is not allowed'],
    ['jörg@example.com', 'a character before the @ is not ASCII'],
    ['a@192.0.2.1', 'its domain is an IP address'],
    ['a@[192.0.2.1]', 'its domain is an IP address'],
    ['a@example..com', 'a dot in the domain stands at an end or beside another dot'],
    ['a@example.c_m', 'the last part of the domain is not a top-level domain'],
    ['a@exa mple.com', 'a character in the domain is not allowed'],
    ['a@ü/x.example', 'the domain is not a valid international domain name'],
    [`${'a'.repeat(65)}@example.com`, 'more than 64 characters stand before the @'],
    [`a@${'b'.repeat(64)}.com`, 'a part of the domain is longer than 63 characters'],
    [`a@${'b.'.repeat(127)}com`, 'it is longer than 254 characters'],
  ])('for %j is: %s', (raw, why) => {
    expect(new HapiAddressSyntax().check(raw)).toStrictEqual({ deliverable: false, why });
  });
});
