import { SystemAccessTokens } from '../../../src/adapters/system/access-tokens.ts';
import { accessTokensContract } from '../../contracts/access-tokens.contract.ts';

accessTokensContract('SystemAccessTokens', async () => {
  const token = 'dGhpcyBpcyBhIHRva2VuIG9mIHRoZSB0ZXN0cw==';
  return { access: new SystemAccessTokens(token), token: async () => token, close: async () => undefined };
});
