import { HapiAddressSyntax } from '../adapters/hapi-address/address-syntax.ts';
import { readAddressCell } from '../domain/user-import/address.ts';
import type { Mailbox } from '../ports/message-composer.ts';

/** Reads whom mail comes from, `Name <address>` or an address alone; or says why it is none that mail can come from. */
export function readSender(text: string): { readonly sender: Mailbox } | { readonly why: string } {
  const { address, name } = readAddressCell(text);
  const check = new HapiAddressSyntax().check(address);
  return check.deliverable ? { sender: { address: check.address, ...(name !== '' && { name }) } } : { why: check.why };
}
