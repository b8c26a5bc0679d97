import { PortError } from './vocabulary.ts';

/** Tells who may use this from a token that a request bears. */
export interface AccessTokens {
  /** Whose token it is, or why it is none. @throws IssuerUnavailable */
  check(token: string): Promise<TokenCheck>;
}

/** `subject` names the bearer, for limits and logs: nothing that a person would recognise. */
export type TokenCheck = { readonly valid: true; readonly subject: string } | { readonly valid: false; readonly why: string };

/** The keys of the issuer cannot be had now, so that no token can be checked. */
export class IssuerUnavailable extends PortError {
  readonly code = 'issuer-unavailable';
  readonly retryable = true;
}
