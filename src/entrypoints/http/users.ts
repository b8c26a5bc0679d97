import { createHmac, timingSafeEqual } from 'node:crypto';
import { findUser, findUsers } from '../../domain/onboarding/find-users.ts';
import { z } from '@hono/zod-openapi';
import type { ReadMessage } from '../../ports/message-reader.ts';
import { answers, cursorOf, json, placeOf } from './answers.ts';
import { HttpProblem } from './problems.ts';
import { addRoute, type HttpApp } from './route.ts';
import { SeenUsers } from './seen-users.ts';
import { mailView, pageOf, userOrAddressPath, userPath, usersQuery, userView } from './schemas.ts';
import { userViewOf } from './views.ts';
import type { HttpOptions, HttpWorld } from './world.ts';

/** Users, and the welcomes that they got. */
export function addUserRoutes(app: HttpApp, world: HttpWorld, options: HttpOptions): void {
  const seen = new SeenUsers();
  addRoute(
    app,
    {
      method: 'get',
      path: '/users',
      tag: 'users',
      summary: 'List the users, by address',
      ...(options.wholeAddressesOnly && { description: 'Here `email` is a whole address: users are kept in no order.' }),
      query: usersQuery,
      responses: answers(200, 'A page of users.', pageOf(userView)),
    },
    async (_, { query: { email = '', after, limit } }) => {
      if (options.wholeAddressesOnly && email !== '') {
        const user = email.includes('@') ? await findUser(world, email) : undefined;
        if (user) seen.remember([user]);
        return json({ items: user ? [userViewOf(user)] : [] });
      }
      const place = placeOf(after);
      const found = await findUsers(world, { prefix: email, limit, ...(place !== undefined && { after: place }) });
      seen.remember(found);
      const last = found.at(-1);
      return json({ items: found.map(userViewOf), ...(last && found.length === limit && { next: cursorOf(last.user.key) }) });
    },
  );
  addRoute(
    app,
    {
      method: 'get',
      path: '/users/{id}',
      tag: 'users',
      summary: 'Tell of a user',
      description:
        'By the address, or by the id of a user of whom this server told before, at once. For another id all users are gone through: some seconds where there are a million.',
      params: userOrAddressPath,
      responses: answers(200, 'The user.', userView, ['user-unknown']),
    },
    async (_, { params: { id } }) => {
      const found = await findUser(world, seen.keyOf(id) ?? id);
      if (!found) throw new HttpProblem('user-unknown');
      seen.remember([found]);
      return json(userViewOf(found));
    },
  );
  addMailRoutes(app, world, options);
}

/** How long the address of a mail's page is good, in milliseconds. */
const pageMs = 5 * 60_000;

/** A mail may look as it likes, and reach nothing: no script, no request but for pictures that it holds (CSP 3, sandbox). */
const mailPolicy = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'";

function addMailRoutes(app: HttpApp, world: HttpWorld, { secret }: HttpOptions): void {
  const signature = (user: string, until: number): string => createHmac('sha256', secret).update(`${user} ${until}`).digest('hex');
  addRoute(
    app,
    {
      method: 'get',
      path: '/mail/{user}',
      tag: 'users',
      summary: 'Show the welcome that a user was sent',
      params: userPath,
      responses: answers(200, 'The welcome, as it was sent.', mailView, ['mail-unknown', 'mail-not-kept']),
    },
    async (_, { params: { user } }) => {
      const mail = await mailOf(world, user);
      const until = world.clock.now() + pageMs;
      return json({ user, ...mail, page: `/mail/${user}/page?until=${until}&signature=${signature(user, until)}` });
    },
  );
  addRoute(
    app,
    {
      method: 'get',
      path: '/mail/{user}/page',
      tag: 'users',
      summary: 'The HTML of a welcome, for a sandboxed frame',
      params: userPath,
      query: z.strictObject({ until: z.coerce.number().int(), signature: z.string().regex(/^[0-9a-f]{64}$/) }),
      responses: answers(200, 'The page.', 'text/html', ['mail-unknown', 'mail-not-kept', 'not-found']),
      open: true,
    },
    async (_, { params: { user }, query: { until, signature: given } }) => {
      const isOurs = timingSafeEqual(Buffer.from(given), Buffer.from(signature(user, until)));
      if (!isOurs || until < world.clock.now())
        throw new HttpProblem('not-found', {
          detail: 'This address of a mail is not good any more.',
          hint: 'Ask GET /mail/{user} for a new one.',
        });
      const { html } = await mailOf(world, user);
      return new Response(html, {
        headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': mailPolicy, 'X-Frame-Options': 'SAMEORIGIN' },
      });
    },
  );
}

async function mailOf({ sentMail, messages }: HttpWorld, user: string): Promise<ReadMessage> {
  if (!sentMail || !messages) throw new HttpProblem('mail-not-kept');
  const bytes = await sentMail.find(user);
  if (!bytes) throw new HttpProblem('mail-unknown');
  return messages.read(bytes);
}
