import { createHash } from 'node:crypto';
import { ReadableStream } from 'node:stream/web';
import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { cancelImport } from '../../domain/user-import/cancel-import.ts';
import { findRows } from '../../domain/user-import/find-rows.ts';
import { attributeNames, importUsers } from '../../domain/user-import/import-users.ts';
import { rejectRows } from '../../domain/user-import/reject-rows.ts';
import type { ImportHead } from '../../ports/import-ledger.ts';
import { answers, cursorOf, json, placeOf } from './answers.ts';
import { bodyText, mediaType, readJson } from './bodies.ts';
import { once } from './idempotency.ts';
import { begun, fileTypes, importFile } from './intake.ts';
import { HttpProblem } from './problems.ts';
import { addRoute, type HttpApp } from './route.ts';
import {
  idempotencyHeader,
  importPath,
  importQuery,
  importView,
  newUsers,
  pageOf,
  pageQuery,
  rowsPage,
  rowsQuery,
  startedView,
} from './schemas.ts';
import { columnViewsOf, rowViewOf, viewOf } from './views.ts';
import type { HttpOptions, HttpWorld } from './world.ts';

/** How a body that is a file, or a form with one, stands in the document. */
export const fileContent = {
  ...Object.fromEntries(fileTypes.map((type) => [type, { schema: { type: 'string' as const } }])),
  'multipart/form-data': {
    schema: {
      type: 'object' as const,
      required: ['file'],
      properties: { file: { type: 'string' as const, contentMediaType: 'application/octet-stream' } },
    },
  },
};

const fileProblems = [
  ...([
    'unreadable-body',
    'cross-site',
    'body-too-large',
    'unsupported-media-type',
    'no-address-column',
    'unknown-column',
    'empty-file',
  ] as const),
  ...([
    'unknown-encoding',
    'wrong-encoding',
    'unusable-delimiter',
    'not-text',
    'too-many-columns',
    'too-many-users',
    'key-reused',
  ] as const),
] as const;

/** Imports: made, listed, looked into, cancelled. */
export function addImportRoutes(app: HttpApp, world: HttpWorld, options: HttpOptions): void {
  addRoute(
    app,
    {
      method: 'post',
      path: '/imports',
      tag: 'imports',
      summary: 'Import users',
      description:
        'Takes a CSV file (as the body, or as a form), or users as JSON. It answers as soon as the file is kept or the users are queued; what becomes of them is told by the import. The same file under the same options is the same import.',
      query: importQuery,
      headers: idempotencyHeader,
      body: { required: true, content: { ...fileContent, 'application/json': { schema: newUsers } } },
      responses: {
        ...answers(202, 'The import is begun, or goes on.', startedView, fileProblems),
        ...answers(200, 'The file was imported before, and nothing is done; or, for a dry run, a Preview.', startedView),
      },
    },
    (c, { query }) => (mediaType(c) === 'application/json' ? importJson(world, options, c, query) : importFile(world, options, c, query)),
  );
  addRoute(
    app,
    {
      method: 'get',
      path: '/imports',
      tag: 'imports',
      summary: 'List the imports, the newest first',
      query: pageQuery,
      responses: answers(200, 'A page of imports.', pageOf(importView)),
    },
    async (_, { query: { after, limit } }) => {
      const heads = await world.imports.list(limit, placeOf(after, /^[0-9a-f]{32}$/));
      const items = [];
      for (const head of heads) items.push(await viewOf(world, head));
      const last = heads.at(-1);
      return json({ items, ...(last && heads.length === limit && { next: cursorOf(last.id) }) });
    },
  );
  addRoute(
    app,
    {
      method: 'get',
      path: '/imports/{id}',
      tag: 'imports',
      summary: 'Tell what became of an import',
      params: importPath,
      responses: answers(200, 'The import.', importView, ['import-unknown']),
    },
    async (_, { params: { id } }) => json(await viewOf(world, await headOf(world, id))),
  );
  addRoute(
    app,
    {
      method: 'get',
      path: '/imports/{id}/rows',
      tag: 'imports',
      summary: 'Tell what became of each row',
      description: 'Rows that have their outcome, in their order. A page may be short or empty though more follow: `next` tells.',
      params: importPath,
      query: rowsQuery,
      responses: answers(200, 'A page of rows.', rowsPage, ['import-unknown']),
    },
    async (_, { params: { id }, query: { outcome, after, limit } }) => {
      const head = await headOf(world, id);
      const place = Number(placeOf(after, /^\d{1,15}$/) ?? 0);
      const found = await findRows(world.imports, head.id, { ...(outcome && { outcome }), after: place, limit });
      const next = found.after === undefined ? {} : { next: cursorOf(String(found.after)) };
      return json({ columns: columnViewsOf(head), items: found.rows.map(rowViewOf), ...next });
    },
  );
  addRoute(
    app,
    {
      method: 'get',
      path: '/imports/{id}/rejects.csv',
      tag: 'imports',
      summary: 'Download the rejected rows, to be corrected and imported again',
      params: importPath,
      responses: answers(200, 'The rows as they were, with what is wrong with each. Only a header where no row was rejected.', 'text/csv', [
        'import-unknown',
      ]),
    },
    async (_, { params: { id } }) => {
      const head = await headOf(world, id);
      const body = ReadableStream.from(world.rowWriter.write(rejectRows(world.imports, head)));
      const name = `rejects-${head.id.slice(0, 8)}.csv`;
      return new Response(body, {
        headers: { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': `attachment; filename="${name}"` },
      });
    },
  );
  addRoute(
    app,
    {
      method: 'post',
      path: '/imports/{id}/cancel',
      tag: 'imports',
      summary: 'Cancel an import',
      description: 'Its file is not read any further. Rows that are queued already are still stored.',
      params: importPath,
      headers: idempotencyHeader,
      responses: answers(200, 'The import, which is cancelled now or was before.', importView, [
        'import-unknown',
        'too-late',
        'cross-site',
        'key-reused',
      ]),
    },
    (c, { params: { id } }) =>
      once(world, c, ['cancel', id], async () => {
        const { end, head } = await cancelImport(world, id);
        if (end === 'unknown') throw new HttpProblem('import-unknown');
        if (end === 'too-late') throw new HttpProblem('too-late');
        return json(await viewOf(world, head));
      }),
  );
}

/** The head of an import. @throws HttpProblem */
export async function headOf(world: Pick<HttpWorld, 'imports'>, id: string): Promise<ImportHead> {
  const head = await world.imports.find(id);
  if (!head) throw new HttpProblem('import-unknown');
  return head;
}

async function importJson(
  world: HttpWorld,
  { limits, batches, welcome }: HttpOptions,
  c: Context,
  query: z.output<typeof importQuery>,
): Promise<Response> {
  refuseFileOptions(query);
  const text = await bodyText(c, limits.jsonBytes);
  const { users } = readJson(text, newUsers);
  if (users.length > limits.users) {
    throw new HttpProblem('too-many-users', {
      detail: `There are ${users.length} users, and at most ${limits.users} are taken at once.`,
      members: { limit: limits.users },
    });
  }
  const people = users.map(({ attributes, ...user }) => (attributes ? { ...user, attributes } : user));
  const columns = attributeNames(people).length;
  if (columns > limits.attributes) {
    throw new HttpProblem('too-many-columns', {
      detail: `The users have ${columns} attributes, and at most ${limits.attributes} are taken.`,
      members: { limit: limits.attributes },
    });
  }
  const identity = `sha256:${createHash('sha256').update('users\n').update(text).digest('hex')}`;
  const upload = { identity, location: 'values', name: query.file ?? 'users.json', size: Buffer.byteLength(text) };
  const again = query.again === 'true';
  return once(world, c, ['users', identity, query.onExisting, String(again)], async () =>
    begun(world, await importUsers(world, { users: people, upload, onExisting: query.onExisting, welcome, again, limits: batches })),
  );
}

/** @throws HttpProblem */
function refuseFileOptions({ email, name, keep, encoding, delimiter, dryRun }: z.output<typeof importQuery>): void {
  const given = Object.entries({ email, name, encoding, delimiter, keep: keep[0], dryRun: dryRun === 'true' ? dryRun : undefined });
  const errors = given.flatMap(([at, value]) =>
    value === undefined ? [] : [{ in: 'query', at, message: 'It is for files, and not for JSON.' }],
  );
  if (errors.length > 0)
    throw new HttpProblem('invalid-request', { detail: `${errors[0]?.at ?? ''} is for files, and not for JSON.`, members: { errors } });
}
