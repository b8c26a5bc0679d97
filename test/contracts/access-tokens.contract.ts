import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccessTokens } from '../../src/ports/access-tokens.ts';

export interface AccessTokensWorld {
  readonly access: AccessTokens;
  /** A token that is valid. */
  token(): Promise<string>;
  close(): Promise<void>;
}

/** Everything that AccessTokens promises. */
export function accessTokensContract(label: string, factory: () => Promise<AccessTokensWorld>): void {
  describe(`${label} keeps the contract of AccessTokens`, () => {
    let world: AccessTokensWorld;
    beforeEach(async () => {
      world = await factory();
    });
    afterEach(() => world.close());

    test('a valid token is told with whose it is, each time the same', async () => {
      const token = await world.token();
      const check = await world.access.check(token);
      expect(check).toStrictEqual({ valid: true, subject: expect.stringMatching(/^[\w-]+$/) as unknown });
      expect(await world.access.check(token)).toStrictEqual(check);
    });

    test('any other text is none, and the reason does not repeat it', async () => {
      const token = await world.token();
      const middle = Math.floor(token.length / 2);
      const other = token[middle] === 'A' ? 'B' : 'A';
      for (const wrong of [
        '',
        'x',
        `${token}x`,
        token.slice(1),
        `${token.slice(0, middle)}${other}${token.slice(middle + 1)}`,
        token.toUpperCase(),
        '\u0000',
        '🎉',
      ]) {
        const check = await world.access.check(wrong);
        expect([wrong, check]).toStrictEqual([wrong, { valid: false, why: expect.stringMatching(/./) as unknown }]);
        if (!check.valid && wrong.length > 1) expect(check.why).not.toContain(wrong);
      }
    });
  });
}
