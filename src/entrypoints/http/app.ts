import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import { assetResponse } from './assets.ts';
import { addDeadLetterRoutes } from './dead-letters.ts';
import { addDocsRoutes } from './docs.ts';
import { addEventRoutes } from './events.ts';
import { guard, withSafeHeaders } from './guard.ts';
import { addHealthRoutes } from './health.ts';
import { addImportRoutes } from './imports.ts';
import { addPreviewRoutes } from './previews.ts';
import { HttpProblem, problemOf, problemResponse } from './problems.ts';
import type { HttpApp } from './route.ts';
import { addUploadRoutes } from './uploads.ts';
import { addUserRoutes } from './users.ts';
import type { HttpOptions, HttpWorld } from './world.ts';

/**
 * The HTTP API over a world's ports, as a function from requests to answers (`app.fetch`): it knows nothing of the server that it runs in.
 * Whatever goes wrong is answered by a problem document (RFC 9457).
 */
export function httpApp(world: HttpWorld, options: HttpOptions): HttpApp {
  const app = new OpenAPIHono();
  const open = new Set<string>(options.assets?.keys());
  const isOpen = (path: string): boolean =>
    open.has(path) || /^\/(health|ready|docs|docs\.css|openapi\.json|problems\/[a-z-]+|mail\/[0-9a-f]{32}\/page)$/.test(path);
  app.use(withLog(world));
  app.use(withSafeHeaders(world));
  app.use(guard(world, options, isOpen));

  addImportRoutes(app, world, options);
  addPreviewRoutes(app, world, options);
  addUploadRoutes(app, world, options);
  addEventRoutes(app, world, options);
  addUserRoutes(app, world, options);
  addDeadLetterRoutes(app, world, options);
  addHealthRoutes(app, options);
  addDocsRoutes(app, options.version);
  for (const [path, asset] of options.assets ?? []) app.get(path, (c) => assetResponse(asset, c));

  app.notFound((c) => problemResponse(nothingThere(app, c)));
  app.onError((error, c) => {
    const problem = problemOf(error);
    if (problem) {
      if (problem.code === 'unavailable') world.telemetry.error('request-unavailable', error, factsOf(c));
      return problemResponse(withOtherWay(problem, world, c));
    }
    world.telemetry.error('request-failed', error, factsOf(c));
    return problemResponse(new HttpProblem('internal-error'));
  });
  return app;
}

/** One line and two counts a request. Neither holds an address or anything else that its sender chose. */
function withLog({ telemetry }: HttpWorld): (c: Context, next: () => Promise<void>) => Promise<void> {
  return async (c, next) => {
    const began = performance.now();
    await next();
    const seconds = (performance.now() - began) / 1000;
    const facts = { ...factsOf(c), status: c.res.status };
    telemetry.debug('request', { ...facts, seconds });
    telemetry.count('requests', 1, facts);
    telemetry.count('request_seconds', seconds, facts);
  };
}

/** A file that is too large for this way in may take the other one. */
function withOtherWay(problem: HttpProblem, { tickets }: HttpWorld, c: Context): HttpProblem {
  if (problem.code !== 'body-too-large' || !tickets || !['/imports', '/imports/preview'].includes(c.req.path)) return problem;
  const hint =
    c.req.path === '/imports'
      ? 'Ask POST /uploads where to send the file: there it may be much larger. Users as JSON go in several requests.'
      : 'Send only the beginning of the file, with partial=true.';
  return new HttpProblem(problem.code, { ...problem.details, hint });
}

/** The route and not the path: a path may hold a person's address. */
function factsOf(c: Context): { readonly method: string; readonly route: string } {
  const known = matchedRoutes(c).findLast(({ path }) => path !== '/*')?.path;
  return { method: methods.has(c.req.method) ? c.req.method : 'other', route: known ?? 'none' };
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Nothing is there at all, or something that takes other methods. */
function nothingThere(app: HttpApp, c: Context): HttpProblem {
  const allowed = new Set(
    app.routes.filter(({ method, path }) => method !== 'ALL' && patternOf(path).test(c.req.path)).map(({ method }) => method),
  );
  if (allowed.size === 0) return new HttpProblem('not-found');
  if (allowed.has('GET')) allowed.add('HEAD');
  return new HttpProblem('method-not-allowed', { headers: { Allow: [...allowed].join(', ') } });
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);
}
