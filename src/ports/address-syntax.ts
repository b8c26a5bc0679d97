/** Tells which addresses mail can be sent to. */
export interface AddressSyntax {
  /** The deliverable ASCII form of what was written (an international domain in punycode), or why there is none. */
  check(raw: string): AddressCheck;
}

export type AddressCheck = { readonly deliverable: true; readonly address: string } | { readonly deliverable: false; readonly why: string };
