import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { KeptAnswer } from '../../ports/idempotency-keys.ts';
import { HttpProblem } from './problems.ts';
import { checked } from './route.ts';
import { idempotencyHeader } from './schemas.ts';
import type { HttpWorld } from './world.ts';

/** How long an answer is kept, in milliseconds. */
const keptMs = 24 * 3_600_000;

/**
 * Answers a request that carries an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) as it was answered before, if it was;
 * without a key, or for the first time, does the work. Two that come at once are both worked on, which every use case can bear, and
 * get one answer. Problems are not kept: the request may be sent again when they are mended.
 * @param request what was asked for: another request under the same key is refused
 */
export async function once(
  world: Pick<HttpWorld, 'keys' | 'clock'>,
  c: Context,
  request: readonly string[],
  work: () => Promise<Response>,
): Promise<Response> {
  const { 'Idempotency-Key': given } = checked('headers', idempotencyHeader, { 'Idempotency-Key': c.req.header('Idempotency-Key') });
  if (given === undefined) return work();
  const key = digest([String(c.get('subject') ?? ''), c.req.path, given]);
  const wanted = digest(request);
  const since = world.clock.now() - keptMs;
  const kept = await world.keys.find(key, since);
  if (kept) return replayed(kept, wanted);

  const response = await work();
  if (!response.ok) return response;
  const headers = Object.fromEntries(
    ['Content-Type', 'Location'].flatMap((name) => (response.headers.has(name) ? [[name, response.headers.get(name) ?? '']] : [])),
  );
  const answer = { request: wanted, status: response.status, headers, body: await response.text(), at: world.clock.now() };
  return replayed(await world.keys.keep(key, answer, since), wanted);
}

function replayed({ request, status, headers, body }: KeptAnswer, wanted: string): Response {
  if (request !== wanted) throw new HttpProblem('key-reused');
  return new Response(body, { status, headers });
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
