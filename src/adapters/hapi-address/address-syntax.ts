import { domainToASCII } from 'node:url';
import { analyzeEmail } from '@hapi/address';
import type { AddressCheck, AddressSyntax } from '../../ports/address-syntax.ts';

/**
 * Takes the addresses that SMTP (RFC 5321) and SES deliver to: an ASCII local part of atoms, of 64 characters at most, and a domain of at
 * least two labels; 254 characters in all. No quoted local parts and no IP addresses, which mail providers refuse. Any top-level domain:
 * new ones come every month. An international domain is turned into its ASCII form (UTS 46).
 */
export class HapiAddressSyntax implements AddressSyntax {
  check(raw: string): AddressCheck {
    return isOrdinary(raw) ? { deliverable: true, address: raw } : checkWithLibrary(raw);
  }
}

/**
 * Whether the address is of the ordinary form that the library is known to accept: asking it a million times takes seconds. May only say yes
 * where the library does; a property test holds it to that.
 */
export function isOrdinary(raw: string): boolean {
  return raw.length <= 254 && ordinary.test(raw);
}

/** What the library says, once an international domain is in its ASCII form. */
export function checkWithLibrary(raw: string): AddressCheck {
  const address = withAsciiDomain(raw);
  if (address === undefined) return { deliverable: false, why: 'the domain is not a valid international domain name' };
  const problem = analyzeEmail(address, { allowUnicode: false });
  if (!problem) return { deliverable: true, address };
  return { deliverable: false, why: explain(problem.code, address) };
}

const ordinary =
  /^(?=[^@]{1,64}@)[\w!#$%&'*+\-/=?^`{|}~]+(?:\.[\w!#$%&'*+\-/=?^`{|}~]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** The address with its domain in ASCII; `undefined` where the domain has no such form. */
function withAsciiDomain(raw: string): string | undefined {
  const at = raw.lastIndexOf('@');
  const domain = raw.slice(at + 1);
  if (at === -1 || isAscii.test(domain)) return raw;
  // The ASCII characters of a domain are letters, digits, hyphens and dots: domainToASCII would decode %40 and cut at a slash.
  if (strangeAscii.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  return ascii === '' ? undefined : `${raw.slice(0, at)}@${ascii}`;
}

const isAscii = /^[\0-\x7f]*$/;
const strangeAscii = /[\0-,/:-@[-`{-\x7f]/;
const ipAddress = /@(?:\[.*\]|[\d.]+)$/;

/** A clause that completes 'The address is not valid: …'. */
function explain(code: string, address: string): string {
  if (address === '') return 'it is empty';
  if (!address.includes('@')) return 'there is no @ in it';
  if (ipAddress.test(address)) return 'its domain is an IP address';
  return reasons[code] ?? 'it is not an e-mail address';
}

const reasons: Readonly<Record<string, string>> = {
  MULTIPLE_AT_CHAR: 'there is more than one @ in it',
  EMPTY_LOCAL: 'nothing stands before the @',
  EMPTY_LOCAL_SEGMENT: 'a dot before the @ stands at an end or beside another dot',
  INVALID_LOCAL_CHARS: 'a character before the @ is not allowed',
  FORBIDDEN_UNICODE: 'a character before the @ is not ASCII',
  LOCAL_TOO_LONG: 'more than 64 characters stand before the @',
  ADDRESS_TOO_LONG: 'it is longer than 254 characters',
  DOMAIN_NON_EMPTY_STRING: 'nothing stands after the @',
  DOMAIN_TOO_LONG: 'the domain is too long',
  DOMAIN_INVALID_CHARS: 'a character in the domain is not allowed',
  DOMAIN_INVALID_TLDS_CHARS: 'the last part of the domain is not a top-level domain',
  DOMAIN_SEGMENTS_COUNT: 'the domain has no dot',
  DOMAIN_EMPTY_SEGMENT: 'a dot in the domain stands at an end or beside another dot',
  DOMAIN_LONG_SEGMENT: 'a part of the domain is longer than 63 characters',
};
