import { describe, expect, test } from '@jest/globals';
import type { AddressSyntax } from '../../src/ports/address-syntax.ts';

/** What every address syntax promises: the addresses that SMTP (RFC 5321) and SES deliver to, and no others. */
export function addressSyntaxContract(label: string, subject: () => AddressSyntax): void {
  describe(`${label} as an AddressSyntax`, () => {
    test.each([
      'someone@example.com',
      'Some.One+tag@Mail.Example.co.uk',
      "o'brien_{x}|!#$%&*/=?^`~-@example.com",
      '1@2.example',
      'a@b-c.museum',
      'a@example.new-tld-of-next-year',
      `${'a'.repeat(64)}@example.com`,
      `a@${'b'.repeat(63)}.com`,
      'a@xn--bcher-kva.example',
    ])('%s is deliverable as it is written', (address) => {
      expect(subject().check(address)).toStrictEqual({ deliverable: true, address });
    });

    test.each([
      ['someone@bücher.example', 'someone@xn--bcher-kva.example'],
      ['someone@例え.テスト', 'someone@xn--r8jz45g.xn--zckzah'],
      ['Someone@BÜCHER.example', 'Someone@xn--bcher-kva.example'],
    ])('%s is deliverable with its domain in ASCII', (raw, address) => {
      expect(subject().check(raw)).toStrictEqual({ deliverable: true, address });
    });

    test.each([
      '',
      ' ',
      'someone',
      '@',
      '@example.com',
      'someone@',
      'someone@localhost',
      'some one@example.com',
      ' someone@example.com',
      'someone@example.com ',
      'someone@example.com\n',
      'someone@example.com\0',
      'a@b@example.com',
      'a,b@example.com',
      '.a@example.com',
      'a.@example.com',
      'a..b@example.com',
      '"quoted"@example.com',
      'jörg@example.com',
      'a@[192.0.2.1]',
      'a@192.0.2.1',
      'a@[IPv6:2001:db8::1]',
      'a@example..com',
      'a@.example.com',
      'a@example.com.',
      'a@-example.com',
      'a@example-.com',
      'a@exam_ple.com',
      'a@example.123',
      'a@bücher',
      'a@b%40ü.example',
      'a@ü/x.example',
      '王小明',
      `${'a'.repeat(65)}@example.com`,
      `a@${'b'.repeat(64)}.com`,
      `a@${'b.'.repeat(127)}com`,
      'Name <someone@example.com>',
    ])('%j is not, and a phrase says why', (raw) => {
      const check = subject().check(raw);
      expect(check.deliverable).toBe(false);
      if (!check.deliverable) expect(check.why).toMatch(/^[a-z][^.]+$/);
    });
  });
}
