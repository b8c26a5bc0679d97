import { answers, json } from './answers.ts';
import { HttpProblem } from './problems.ts';
import { addRoute, type HttpApp } from './route.ts';
import { statusView } from './schemas.ts';
import type { HttpOptions } from './world.ts';

/** What those ask who watch over the server. */
export function addHealthRoutes(app: HttpApp, { troubles, metrics }: Pick<HttpOptions, 'troubles' | 'metrics'>): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/health',
      tag: 'server',
      summary: 'Tell that the server answers',
      open: true,
      responses: answers(200, 'It does.', statusView),
    },
    () => json({ status: 'ok' }),
  );
  addRoute(
    app,
    {
      method: 'get',
      path: '/ready',
      tag: 'server',
      summary: 'Tell whether all works that imports need',
      open: true,
      responses: answers(200, 'It does.', statusView, ['not-ready']),
    },
    async () => {
      const errors = await troubles();
      if (errors.length > 0) throw new HttpProblem('not-ready', { members: { errors }, headers: { 'Retry-After': '5' } });
      return json({ status: 'ok' });
    },
  );
  if (!metrics) return;
  addRoute(
    app,
    {
      method: 'get',
      path: '/metrics',
      tag: 'server',
      summary: 'The metrics, for Prometheus',
      responses: answers(200, 'In the text format of Prometheus.', 'text/plain'),
    },
    async () => {
      const { contentType, text } = await metrics();
      return new Response(text, { headers: { 'Content-Type': contentType } });
    },
  );
}
