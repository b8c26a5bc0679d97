import type { z } from '@hono/zod-openapi';
import { importId } from '../../domain/user-import/import.ts';
import { latestImport } from '../../domain/user-import/start-import.ts';
import { requestOf } from '../../domain/user-import/wishes.ts';
import type { UploadTickets } from '../../ports/upload-tickets.ts';
import { answers, cursorOf, json } from './answers.ts';
import { bodyText, readJson, requireMediaType } from './bodies.ts';
import { readingOptions, shownName } from './intake.ts';
import { HttpProblem } from './problems.ts';
import { addRoute, type HttpApp } from './route.ts';
import { uploadPath, uploadTicket, uploadView, uploadWish, type UploadTicket } from './schemas.ts';
import type { HttpOptions, HttpWorld } from './world.ts';

type Wish = z.output<typeof uploadWish>;

/** Where files go: here, or straight to a store of their own. */
export function addUploadRoutes(app: HttpApp, world: HttpWorld, options: HttpOptions): void {
  const { limits } = options;
  const { tickets } = world;
  addRoute(
    app,
    {
      method: 'post',
      path: '/uploads',
      tag: 'imports',
      summary: 'Ask where to send a file',
      description: tickets
        ? 'The answer is an address of the store, good for this file and for a quarter of an hour. Each upload is an import of its own.'
        : 'Where files go to a store of their own, the answer is an address of it, good for this file; here it is that of POST /imports.',
      body: { required: true, content: { 'application/json': { schema: uploadWish } } },
      responses: answers(201, 'Send the file there, as a form.', uploadTicket, [
        'unreadable-body',
        'body-too-large',
        'unsupported-media-type',
        'cross-site',
        'wishes-unusable',
      ]),
    },
    async (c) => {
      requireMediaType(c, ['application/json']);
      const wish = readJson(await bodyText(c, limits.jsonBytes), uploadWish);
      return json(tickets ? await ticketFor(tickets, wish, options) : ticketHere(wish, options), 201);
    },
  );
  if (tickets) addFollowRoute(app, world, tickets);
}

function addFollowRoute(app: HttpApp, world: HttpWorld, tickets: UploadTickets): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/uploads/{upload}',
      tag: 'imports',
      summary: 'Tell which import a file became',
      description: 'A file that came by a ticket is an import as soon as its store has told of it, mostly within a second.',
      params: uploadPath,
      responses: answers(200, 'The import of the file.', uploadView, ['upload-unknown']),
    },
    async (_, { params: { upload: place } }) => {
      const named = Buffer.from(place, 'base64url').toString();
      const upload = cursorOf(named) === place ? await tickets.find(named) : undefined;
      if (!upload) throw new HttpProblem('upload-unknown');
      const request = requestOf(upload, await tickets.wishes(upload));
      const latest = await latestImport(world, request);
      return json({ import: latest?.head.id ?? importId(world.ids, upload, request.options, 0), begun: latest !== undefined });
    },
  );
}

/** The store takes the file itself; the wishes travel with it. An import of its own needs no wish to be imported `again`. */
async function ticketFor(tickets: UploadTickets, wish: Wish, { welcome }: HttpOptions): Promise<UploadTicket> {
  const { file, keep = [], onExisting, again: _, ...given } = wish;
  const { map, encoding, delimiter } = readingOptions({ ...given, keep, partial: 'false' });
  const ticket = await tickets.issue(shownName(file), {
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(Object.keys(map).length > 0 && { map }),
    ...(keep.length > 0 && { keep }),
    ...(onExisting && { onExisting }),
    ...(!welcome && { welcome }),
  });
  const { url, fields, maxBytes, place } = ticket;
  return {
    url,
    method: 'POST',
    fields: { ...fields },
    fileField: 'file',
    limit: maxBytes,
    location: false,
    follow: `/uploads/${cursorOf(place)}`,
  };
}

function ticketHere({ keep = [], ...wish }: Wish, { limits }: HttpOptions): UploadTicket {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wish)) if (value !== undefined) query.append(name, String(value));
  for (const column of keep) query.append('keep', column);
  const url = query.size === 0 ? '/imports' : `/imports?${query.toString()}`;
  return { url, method: 'POST', fields: {}, fileField: 'file', limit: limits.uploadBytes, location: true };
}
