import { answers } from './answers.ts';
import { headOf } from './imports.ts';
import { HttpProblem } from './problems.ts';
import { addRoute, type HttpApp } from './route.ts';
import { importPath } from './schemas.ts';
import { viewOf } from './views.ts';
import { Watches } from './watches.ts';
import type { HttpOptions, HttpWorld } from './world.ts';

/** The stream of an import's events, where answers can be streamed. */
export function addEventRoutes(app: HttpApp, world: HttpWorld, { limits, stop }: HttpOptions): void {
  if (limits.watchers === 0) return;
  const watches = new Watches(async (id) => viewOf(world, await headOf(world, id)), world.clock, stop);
  addRoute(
    app,
    {
      method: 'get',
      path: '/imports/{id}/events',
      tag: 'imports',
      summary: 'Watch an import',
      description:
        'Server-sent events: `progress` with the import whenever something has changed, and `end` when nothing will change any more. Close the stream then.',
      params: importPath,
      responses: answers(200, 'Events, until the import is over.', 'text/event-stream', ['import-unknown', 'too-many-watchers']),
    },
    async (_, { params: { id } }) => {
      await headOf(world, id);
      if (watches.size >= limits.watchers) {
        throw new HttpProblem('too-many-watchers', {
          detail: `${limits.watchers} streams are open, and no more are allowed.`,
          members: { limit: limits.watchers },
          headers: { 'Retry-After': '10' },
        });
      }
      const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' };
      return new Response(watches.stream(id), { headers });
    },
  );
}
