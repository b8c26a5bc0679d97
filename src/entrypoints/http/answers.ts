import type { RouteConfig } from '@hono/zod-openapi';
import type { z } from '@hono/zod-openapi';
import { HttpProblem, problemKinds, type ProblemCode } from './problems.ts';
import { problemView } from './schemas.ts';

/** A JSON answer. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { ...headers, 'Content-Type': 'application/json' } });
}

/** How a route's answers stand in the document: that which it is for, and the problems that it may meet. */
export function answers(
  status: number,
  description: string,
  schema: z.ZodType | string,
  problems: readonly ProblemCode[] = [],
): RouteConfig['responses'] {
  const content = typeof schema === 'string' ? { [schema]: { schema: { type: 'string' as const } } } : { 'application/json': { schema } };
  return { [status]: { description, content }, ...problemAnswers(problems) };
}

/** A place in a list, as an opaque text that can stand in an address. */
export function cursorOf(place: string): string {
  return Buffer.from(place).toString('base64url');
}

/** The place that a cursor means; nothing where there is none. @throws HttpProblem */
export function placeOf(cursor: string | undefined, pattern = /^[^\0]{1,400}$/s): string | undefined {
  if (cursor === undefined) return undefined;
  const place = Buffer.from(cursor, 'base64url').toString();
  if (pattern.test(place) && cursorOf(place) === cursor) return place;
  const errors = [{ in: 'query', at: 'after', message: 'It is not the `next` of a page.' }];
  throw new HttpProblem('invalid-request', {
    detail: 'The query is not as it must be: after is not the `next` of a page.',
    members: { errors },
  });
}

function problemAnswers(problems: readonly ProblemCode[]): RouteConfig['responses'] {
  const byStatus = new Map<number, string[]>();
  for (const code of ['invalid-request', 'unauthorized', 'too-many-requests', 'unavailable', ...problems] as const) {
    const [status, title] = problemKinds[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), title]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [
      status,
      { description: `${titles.join('; or: ')}.`, content: { 'application/problem+json': { schema: problemView } } },
    ]),
  );
}
