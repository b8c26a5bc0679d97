import { readFileSync } from 'node:fs';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import type { Config } from '../config.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { ServeFlags } from './flags.ts';

/** A token must be as hard to guess as 128 random bits in base64 (NIST SP 800-63B, 5.1.4). */
const leastCharacters = 22;

/** How long an issuer may take to answer, in milliseconds. */
const issuerMs = 5_000;

/** Who may use the server: whoever has the token, or one of an issuer; everyone only where no other machine can reach it. @throws CommandFailed */
export async function accessOf(flags: ServeFlags, config: Config): Promise<AccessTokens | undefined> {
  const secret = secretOf(flags, config);
  const { oidcIssuer: issuer, oidcAudience: audience, host } = flags;
  if (secret !== undefined && issuer !== undefined)
    throw usage(
      'There is a token, and an issuer of tokens.',
      'Choose one of them: unset ROLLCALL_TOKEN and ROLLCALL_TOKEN_FILE, or leave out --oidc-issuer.',
    );
  if (secret !== undefined) {
    const { SystemAccessTokens } = await import('../../adapters/system/access-tokens.ts');
    return new SystemAccessTokens(secret);
  }
  if (issuer !== undefined) {
    if (!isSafeIssuer(issuer))
      throw usage(
        `--oidc-issuer ${issuer} is no address of an issuer.`,
        'It begins with https://, and is just what its tokens name as "iss".',
      );
    if (audience === undefined)
      throw usage(
        '--oidc-issuer needs --oidc-audience.',
        'Without it, tokens that are meant for others would do. It is the name of this server at the issuer.',
      );
    const { JoseAccessTokens } = await import('../../adapters/jose/access-tokens.ts');
    return new JoseAccessTokens({ issuer, audience, timeoutMs: issuerMs });
  }
  if (isLoopback(host)) return undefined;
  throw usage(
    `At ${host}, other machines could read and change everything: that needs a token.`,
    'Make one and name its file:  openssl rand -base64 32 > token && rollcall serve … --token-file token   (or use --oidc-issuer)',
  );
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function secretOf({ tokenFile }: ServeFlags, config: Config): string | undefined {
  const file = tokenFile ?? (config.token === undefined ? config.tokenFile : undefined);
  const secret = file === undefined ? config.token : firstLine(file);
  if (secret === undefined) return undefined;
  if (secret.length < leastCharacters)
    throw usage(
      `The token has ${secret.length} characters, so that it could be guessed.`,
      `Take one of at least ${leastCharacters} random ones:  openssl rand -base64 32 > token`,
    );
  if (!/^[\w\-.~+/]+=*$/.test(secret))
    throw usage(
      'The token holds characters that cannot stand in a request.',
      'Letters, digits and - . _ ~ + / can (RFC 6750, 2.1):  openssl rand -base64 32 > token',
    );
  return secret;
}

function isSafeIssuer(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}

function firstLine(file: string): string {
  try {
    return (readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '').trim();
  } catch (error) {
    throw new CommandFailed(`The file of the token cannot be read: ${file}`, {
      hint: 'Look whether it exists and you may read it.',
      exitCode: exitCodes.usage,
      cause: error,
    });
  }
}

function usage(message: string, hint: string): CommandFailed {
  return new CommandFailed(message, { hint, exitCode: exitCodes.usage });
}
