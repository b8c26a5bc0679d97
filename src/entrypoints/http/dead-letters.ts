import { z } from '@hono/zod-openapi';
import { redrive } from '../../domain/dead-letters.ts';
import { answers, cursorOf, json, placeOf } from './answers.ts';
import { bodyText, readJson, requireMediaType } from './bodies.ts';
import { once } from './idempotency.ts';
import { addRoute, type HttpApp } from './route.ts';
import { idempotencyHeader, lettersQuery, letterView, pageOf, redriveWish } from './schemas.ts';
import { letterViewOf } from './views.ts';
import type { HttpOptions, HttpWorld } from './world.ts';

/** What could not be done, and doing it again. */
export function addDeadLetterRoutes(app: HttpApp, world: HttpWorld, { limits }: HttpOptions): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/dead-letters',
      tag: 'dead letters',
      summary: 'List what could not be done, the oldest first, with its cause',
      query: lettersQuery,
      responses: answers(200, 'A page of dead letters.', pageOf(letterView)),
    },
    async (_, { query: { queue, import: importId, after, limit } }) => {
      const filter = { ...(queue && { queue }), ...(importId !== undefined && { importId }) };
      const letters = await world.deadLetters.list(filter, limit, placeOf(after));
      const last = letters.at(-1);
      const items = letters.map((letter) => letterViewOf(letter, world.welcomeCodec));
      return json({ items, ...(last && letters.length === limit && { next: cursorOf(last.id) }) });
    },
  );
  addRoute(
    app,
    {
      method: 'post',
      path: '/dead-letters/redrive',
      tag: 'dead letters',
      summary: 'Do again what could not be done',
      description: 'To be asked after the mend. Without a body, or with an empty object, all dead letters go back to their queues.',
      headers: idempotencyHeader,
      body: { required: false, content: { 'application/json': { schema: redriveWish } } },
      responses: answers(202, 'They are on their queues again; what fails once more comes back.', z.object({ redriven: z.int().min(0) }), [
        'unreadable-body',
        'body-too-large',
        'unsupported-media-type',
        'cross-site',
        'key-reused',
      ]),
    },
    async (c) => {
      const text = await bodyText(c, limits.jsonBytes);
      if (text !== '') requireMediaType(c, ['application/json']);
      const { ids, queue, import: importId } = text === '' ? {} : readJson(text, redriveWish);
      return once(world, c, ['redrive', text], async () => {
        const filter = { ...(queue && { queue }), ...(importId !== undefined && { importId }) };
        const redriven = ids ? await world.deadLetters.redrive(ids) : await redrive(world.deadLetters, filter);
        return json({ redriven }, 202);
      });
    },
  );
}
