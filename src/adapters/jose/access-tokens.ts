import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { IssuerUnavailable, type AccessTokens, type TokenCheck } from '../../ports/access-tokens.ts';

export interface JoseOptions {
  /** The issuer's address, just as its tokens name it. */
  readonly issuer: string;
  /** Whom tokens must be meant for. */
  readonly audience: string;
  /** How long the issuer may take to answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Asymmetric ones only: with a symmetric one, whoever knows a public key could sign (RFC 8725, 2.1 and 3.1). */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/**
 * JSON Web Tokens of an OpenID Connect issuer (RFC 7519, RFC 8725). Its keys are found by its discovery document (OpenID Connect
 * Discovery 1.0, 4) at the first token, and kept until a token names another one.
 */
export class JoseAccessTokens implements AccessTokens {
  readonly #options: JoseOptions;
  #keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(options: JoseOptions) {
    this.#options = options;
  }

  async check(token: string): Promise<TokenCheck> {
    const { issuer, audience } = this.#options;
    const keys = await this.#issuersKeys();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: 30,
      });
      return { valid: true, subject: createHash('sha256').update(String(payload.sub)).digest('hex').slice(0, 16) };
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw this.#unavailable(error);
      return { valid: false, why: whyOf(error) };
    }
  }

  async #issuersKeys(): Promise<JWTVerifyGetKey> {
    this.#keys ??= this.#discover();
    try {
      return await this.#keys;
    } catch (error) {
      this.#keys = undefined;
      throw this.#unavailable(error);
    }
  }

  async #discover(): Promise<JWTVerifyGetKey> {
    const { issuer, timeoutMs } = this.#options;
    const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await fetch(place, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    if (!answer.ok) throw new Error(`${place} answered ${answer.status}`);
    const document = (await answer.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    if (document.issuer !== issuer) throw new Error(`${place} names another issuer: ${String(document.issuer)}`);
    if (typeof document.jwks_uri !== 'string' || !URL.canParse(document.jwks_uri)) throw new Error(`${place} names no keys (jwks_uri)`);
    return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: timeoutMs });
  }

  #unavailable(cause: unknown): IssuerUnavailable {
    if (cause instanceof IssuerUnavailable) return cause;
    return new IssuerUnavailable(`The keys of ${this.#options.issuer} cannot be had: ${(cause as Error).message}.`, {
      cause,
      hint: 'See that the issuer is named rightly and can be reached from here.',
    });
  }
}

function whyOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim "${error.claim}" is not as it must be`;
  return 'it is not signed by the issuer';
}
