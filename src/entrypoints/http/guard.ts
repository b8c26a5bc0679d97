import type { Context, MiddlewareHandler } from 'hono';
import { HttpProblem } from './problems.ts';
import { RateLimit } from './rate-limit.ts';
import type { HttpOptions, HttpWorld } from './world.ts';

const policyHeader = 'Content-Security-Policy';

/** What pages and answers may do in a browser: load from here alone, run no inline script, and be framed by nobody else (CSP 3). */
const policy = policyWith('');

const safeHeaders = {
  [policyHeader]: policy,
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

/**
 * Headers that keep browsers from what an answer is not meant for; one that an answer sets itself stays. Where files go straight to their store,
 * pages may send them there, too, and to no other place.
 */
export function withSafeHeaders({ tickets }: Pick<HttpWorld, 'tickets'>): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const { headers } = c.res;
    if (tickets && isPage(headers) && !headers.has(policyHeader)) headers.set(policyHeader, policyWith(` ${await tickets.origin()}`));
    addSafeHeaders(headers);
  };
}

/** Adds those of them that are not there. */
export function addSafeHeaders(headers: Headers): void {
  for (const [name, value] of Object.entries(safeHeaders)) if (!headers.has(name)) headers.set(name, value);
}

/** Lets in who may come: under a name of ours, from no other site, not too often, and with a token where one is needed. */
export function guard(
  world: Pick<HttpWorld, 'clock' | 'telemetry'>,
  options: HttpOptions,
  isOpen: (path: string) => boolean,
): MiddlewareHandler {
  const { requestsPerSecond, burst } = options.limits;
  const rate = new RateLimit(world.clock, { perSecond: requestsPerSecond, burst });
  return async (c, next) => {
    refuseForeignHost(c, options.hosts);
    refuseTooMany(world, rate.take(options.clientOf(c.env)), requestsPerSecond);
    refuseOtherSites(c);
    if (!isOpen(c.req.path)) {
      if (options.access) await requireToken(world, c, options.access);
      if (options.letIn) requireLetIn(world, c, options.letIn(c.env));
    }
    await next();
  };
}

/** A name that another site has pointed to this address would let its pages read everything here (DNS rebinding). */
function refuseForeignHost(c: Context, hosts: HttpOptions['hosts']): void {
  if (hosts && !hosts.includes(nameOf(c.req.header('Host') ?? ''))) throw new HttpProblem('unknown-host');
}

function refuseTooMany({ telemetry }: Pick<HttpWorld, 'telemetry'>, waitMs: number, limit: number): void {
  if (waitMs === 0) return;
  telemetry.count('requests_refused', 1, { limit: 'rate' });
  throw new HttpProblem('too-many-requests', {
    detail: `More than ${limit} requests a second came from one sender.`,
    members: { limit },
    headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
  });
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/** A browser says where a request comes from (Fetch Metadata, and the Origin header of RFC 6454); a program that is none says nothing. */
function refuseOtherSites(c: Context): void {
  if (safeMethods.includes(c.req.method)) return;
  const site = c.req.header('Sec-Fetch-Site') ?? 'none';
  const origin = c.req.header('Origin');
  const isOurs = origin === undefined || (URL.canParse(origin) && new URL(origin).host === (c.req.header('Host') ?? '').toLowerCase());
  if (!isOurs || (site !== 'same-origin' && site !== 'none')) throw new HttpProblem('cross-site');
}

async function requireToken(
  { telemetry }: Pick<HttpWorld, 'telemetry'>,
  c: Context,
  access: NonNullable<HttpOptions['access']>,
): Promise<void> {
  const [, token] = /^Bearer +([\w\-.~+/]+=*)$/i.exec(c.req.header('Authorization') ?? '') ?? [];
  const check = token === undefined ? { valid: false as const, why: 'there is none' } : await access.check(token);
  if (check.valid) {
    c.set('subject', check.subject);
    return;
  }
  telemetry.warn('unauthorized', { method: c.req.method, why: check.why });
  telemetry.count('requests_refused', 1, { limit: 'token' });
  throw new HttpProblem('unauthorized', {
    detail: `The token does not let you in: ${check.why}.`,
    headers: { 'WWW-Authenticate': token === undefined ? 'Bearer' : 'Bearer error="invalid_token"' },
  });
}

/** Nobody is to come past whoever checks tokens before this, however the way to here is laid. */
function requireLetIn({ telemetry }: Pick<HttpWorld, 'telemetry'>, c: Context, subject: string | undefined): void {
  if (subject === undefined) {
    telemetry.warn('unauthorized', { method: c.req.method, why: 'nobody has checked the token' });
    telemetry.count('requests_refused', 1, { limit: 'token' });
    throw new HttpProblem('unauthorized', { headers: { 'WWW-Authenticate': 'Bearer' } });
  }
  c.set('subject', subject);
}

function policyWith(places: string): string {
  return [
    "default-src 'none'",
    ...[
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self'${places}`,
      "frame-src 'self'",
    ],
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join('; ');
}

function isPage(headers: Headers): boolean {
  return headers.get('Content-Type')?.startsWith('text/html') ?? false;
}

/** The host without its port. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}
