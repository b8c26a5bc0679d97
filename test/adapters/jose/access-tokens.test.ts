import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { JoseAccessTokens } from '../../../src/adapters/jose/access-tokens.ts';
import { IssuerUnavailable } from '../../../src/ports/access-tokens.ts';
import { accessTokensContract } from '../../contracts/access-tokens.contract.ts';

/** An OpenID Connect issuer on this machine. */
class Issuer {
  readonly #server: Server;
  readonly #keys: readonly object[];
  readonly #privateKey: CryptoKey;
  document: object | undefined;
  asked = 0;

  private constructor(server: Server, keys: readonly object[], privateKey: CryptoKey) {
    this.#server = server;
    this.#keys = keys;
    this.#privateKey = privateKey;
    server.on('request', (request, response) => {
      this.asked++;
      const isDiscovery = request.url === '/.well-known/openid-configuration';
      const body = isDiscovery ? (this.document ?? { issuer: this.url, jwks_uri: `${this.url}/keys` }) : { keys: this.#keys };
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));
    });
  }

  static async start(): Promise<Issuer> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Issuer(server, [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }], privateKey);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  token(
    claims: { readonly iss?: string; readonly aud?: string; readonly sub?: string; readonly exp?: string | number } = {},
    key: CryptoKey | Uint8Array = this.#privateKey,
    alg = 'ES256',
  ): Promise<string> {
    const { iss = this.url, aud = 'rollcall', sub = 'somebody@example.com', exp = '5m' } = claims;
    return new SignJWT({})
      .setProtectedHeader({ alg, kid: 'one' })
      .setIssuer(iss)
      .setAudience(aud)
      .setSubject(sub)
      .setIssuedAt()
      .setExpirationTime(exp)
      .sign(key);
  }

  access(): JoseAccessTokens {
    return new JoseAccessTokens({ issuer: this.url, audience: 'rollcall', timeoutMs: 2_000 });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

accessTokensContract('JoseAccessTokens', async () => {
  const issuer = await Issuer.start();
  return { access: issuer.access(), token: () => issuer.token(), close: () => issuer.close() };
});

describe('a token of an issuer', () => {
  let issuer: Issuer;
  beforeEach(async () => {
    issuer = await Issuer.start();
  });
  afterEach(() => issuer.close());

  test('is checked with keys that are asked for once; who bears it is not told in the clear', async () => {
    const access = issuer.access();
    for (let time = 0; time < 3; time++)
      expect(await access.check(await issuer.token())).toMatchObject({
        valid: true,
        subject: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      });
    expect(issuer.asked).toBe(2);
  });

  test('that is for another, from another, expired, without a subject, unsigned or signed by a public key is none', async () => {
    const access = issuer.access();
    const { privateKey } = await generateKeyPair('ES256');
    const unsigned = new UnsecuredJWT({}).setIssuer(issuer.url).setAudience('rollcall').setSubject('s').setExpirationTime('5m').encode();
    const wrong: Readonly<Record<string, string>> = {
      audience: await issuer.token({ aud: 'another' }),
      issuer: await issuer.token({ iss: 'https://issuer.example.com' }),
      expired: await issuer.token({ exp: Math.floor(Date.now() / 1000) - 3_600 }),
      forged: await issuer.token({}, privateKey),
      symmetric: await issuer.token({}, new TextEncoder().encode('a public key that everyone knows'), 'HS256'),
      unsigned,
    };
    for (const [name, token] of Object.entries(wrong)) expect([name, await access.check(token)]).toMatchObject([name, { valid: false }]);
    expect(await access.check(wrong['expired']!)).toStrictEqual({ valid: false, why: 'it has expired' });
  });

  test('cannot be checked while the issuer does not answer or answers nonsense, and can when it does again', async () => {
    const access = issuer.access();
    const token = await issuer.token();
    for (const document of [
      { issuer: 'https://issuer.example.com', jwks_uri: `${issuer.url}/keys` },
      { issuer: issuer.url },
      { issuer: issuer.url, jwks_uri: 5 },
    ]) {
      issuer.document = document;
      await expect(access.check(token)).rejects.toThrow(IssuerUnavailable);
    }
    issuer.document = undefined;
    expect(await access.check(token)).toMatchObject({ valid: true });
    const gone = new JoseAccessTokens({ issuer: 'http://127.0.0.1:9', audience: 'rollcall', timeoutMs: 2_000 });
    await expect(gone.check(token)).rejects.toMatchObject({ code: 'issuer-unavailable', retryable: true });
  });
});
