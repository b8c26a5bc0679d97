import type { AddressKey } from '../../ports/vocabulary.ts';

/**
 * The key by which two addresses are one person: lower case. RFC 5321 (2.3.11) leaves the local part's case to its
 * host; no mail provider of note tells `Ada@` from `ada@`, and people type both.
 */
export function addressKey(address: string): AddressKey {
  return address.toLowerCase();
}

/** A cell that holds an address, perhaps as `Name <address>` (RFC 5322, 3.4). */
export interface AddressCell {
  readonly address: string;
  /** The name beside the address; empty where there is none. */
  readonly name: string;
}

/** Takes an address cell apart; a cell of any other form is taken as the address itself. */
export function readAddressCell(cell: string): AddressCell {
  const text = cell.trim();
  if (!text.endsWith('>')) return { address: text.startsWith('mailto:') ? text.slice(7) : text, name: '' };
  const open = text.lastIndexOf('<');
  if (open < 0) return { address: text, name: '' };
  const name = text.slice(0, open).trim();
  const quoted = name.length > 1 && name.startsWith('"') && name.endsWith('"');
  return { address: text.slice(open + 1, -1).trim(), name: quoted ? name.slice(1, -1).replaceAll(/\\(.)/g, '$1').trim() : name };
}
