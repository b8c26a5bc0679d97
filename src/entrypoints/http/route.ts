import type { RouteConfig, OpenAPIHono } from '@hono/zod-openapi';
import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HttpProblem } from './problems.ts';

export type HttpApp = OpenAPIHono;

/** What a request asks for beside its body. */
export interface Asked<P, Q> {
  readonly params: P;
  readonly query: Q;
}

/** A route: how it is told of in the OpenAPI document, and what its path and query must be. */
export interface Route<P extends z.ZodObject, Q extends z.ZodObject> {
  readonly method: 'get' | 'post';
  /** With parameters in braces, as in OpenAPI. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: 'imports' | 'users' | 'dead letters' | 'server';
  readonly params?: P;
  readonly query?: Q;
  readonly body?: NonNullable<RouteConfig['request']>['body'];
  readonly headers?: z.ZodObject;
  readonly responses: RouteConfig['responses'];
  /** Everyone may ask, without a token. */
  readonly open?: boolean;
}

/** Adds a route to the app and to its document. What does not match the schemas is refused before the handler sees it. */
export function addRoute<P extends z.ZodObject, Q extends z.ZodObject>(
  app: HttpApp,
  route: Route<P, Q>,
  handler: (c: Context, asked: Asked<z.output<P>, z.output<Q>>) => Response | Promise<Response>,
): void {
  const { method, path, summary, description, tag, params, query, body, headers, responses, open } = route;
  const operationId = `${method}${path.replaceAll(/[^A-Za-z]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())}`;
  app.openAPIRegistry.registerPath({
    ...{ method, path, summary, operationId, responses },
    ...(description !== undefined && { description }),
    tags: [tag],
    request: { ...(params && { params }), ...(query && { query }), ...(body && { body }), ...(headers && { headers }) },
    security: open ? [] : [{ bearer: [] }],
  });
  app.on(method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) =>
    handler(c, {
      params: (params ? checked('path', params, c.req.param()) : {}) as z.output<P>,
      query: (query ? checked('query', query, single(c.req.queries())) : {}) as z.output<Q>,
    }),
  );
}

/** The value as the schema understands it. @throws HttpProblem */
export function checked<S extends z.ZodType>(where: string, schema: S, value: unknown): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const errors = read.error.issues.slice(0, 20).map(({ path, message }) => ({ in: where, at: path.join('.'), message }));
  const [first] = errors;
  throw new HttpProblem('invalid-request', {
    detail: `The ${where} is not as it must be: ${[first?.at, first?.message].filter((part) => part !== '').join(': ')}`,
    members: { errors },
  });
}

/** Parameters by name; one that is there several times is a list. */
function single(queries: Readonly<Record<string, string[]>>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(queries).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]));
}
