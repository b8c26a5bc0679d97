import type { Context } from 'hono';
import { isRefusal } from '../../domain/user-import/columns.ts';
import { handIn } from '../../domain/user-import/hand-in.ts';
import { letGo } from '../../domain/user-import/let-go.ts';
import { planReading } from '../../domain/user-import/plan-reading.ts';
import type { StartedImport } from '../../domain/user-import/start-import.ts';
import { tryRows } from '../../domain/user-import/try-rows.ts';
import type { ReadingOptions, Upload } from '../../ports/vocabulary.ts';
import type { z } from '@hono/zod-openapi';
import { json } from './answers.ts';
import { bodyBytes, requireMediaType } from './bodies.ts';
import { once } from './idempotency.ts';
import { withFormFile } from './multipart.ts';
import { HttpProblem, isProblemCode } from './problems.ts';
import type { importQuery, ReadingQuery } from './schemas.ts';
import { freshViewOf, previewViewOf, viewOf } from './views.ts';
import type { HttpOptions, HttpWorld } from './world.ts';

/** A body that is a file. */
export const fileTypes = ['text/csv', 'text/tab-separated-values', 'application/octet-stream'] as const;

/** How many rows a dry run tells. */
const toldRows = 20;

/** Takes a file in, and begins its import; or, for a dry run, judges every row of it. */
export async function importFile(
  world: HttpWorld,
  options: HttpOptions,
  c: Context,
  query: z.output<typeof importQuery>,
): Promise<Response> {
  const reading: ReadingOptions = { ...readingOptions(query), onExisting: query.onExisting };
  const take = (name: string, bytes: AsyncIterable<Uint8Array>): Promise<Upload> => world.uploads.take(name, bytes);
  const upload = await withFile(c, options.limits.uploadBytes, query.file, take);
  if (query.dryRun === 'true') return dryRun(world, upload, reading, options.stop);
  try {
    return await once(world, c, ['file', upload.identity, JSON.stringify(query)], () =>
      begin(world, options, upload, reading, query.again === 'true'),
    );
  } finally {
    // Where the import did not take it over, as it was refused or there before, nobody reads it.
    await letGo(world, upload);
  }
}

/** Hands the file of a request to `use`, with the name by which people call it: a body that is the file, or a form with one. @throws HttpProblem */
export async function withFile<T>(
  c: Context,
  limit: number,
  name: string | undefined,
  use: (name: string, bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const type = requireMediaType(c, [...fileTypes, 'multipart/form-data']);
  const body = bodyBytes(c, limit);
  if (type !== 'multipart/form-data') return use(shownName(name), body);
  return withFormFile(body, c.req.header('Content-Type') ?? '', (file) => use(shownName(name ?? file.name), file.bytes));
}

/** The options of a query that say how a file is read. */
export function readingOptions({ email, name, keep, encoding, delimiter }: ReadingQuery): ReadingOptions {
  const map = { ...(email !== undefined && { email }), ...(name !== undefined && { name }) };
  return { map, keep, onExisting: 'skip', ...(encoding !== undefined && { encoding }), ...(delimiter !== undefined && { delimiter }) };
}

/** The answer to an import that was begun or found: where it is, and what has become of it. */
export async function begun(world: HttpWorld, { head, how }: StartedImport): Promise<Response> {
  const view = how === 'started' ? freshViewOf(head) : await viewOf(world, head);
  return json({ ...view, how }, how === 'ended' ? 200 : 202, { Location: `/imports/${head.id}` });
}

async function begin(
  world: HttpWorld,
  { batches, welcome }: HttpOptions,
  upload: Upload,
  reading: ReadingOptions,
  again: boolean,
): Promise<Response> {
  const plan = await planReading(world, upload, reading, batches);
  if (isRefusal(plan)) {
    throw new HttpProblem(isProblemCode(plan.code) ? plan.code : 'unreadable-body', { detail: plan.message });
  }
  return begun(world, await handIn(world, { upload, options: reading, welcome, plan, again, stays: true }));
}

async function dryRun(world: HttpWorld, upload: Upload, reading: ReadingOptions, stop: AbortSignal): Promise<Response> {
  try {
    const bounds = { rows: Infinity, told: toldRows, partial: false, stop };
    return json(previewViewOf(await tryRows(world, () => world.uploads.open(upload, 0), reading, bounds)));
  } finally {
    await letGo(world, upload);
  }
}

/** A name that people can read: the last part of a path, without control characters, at most 255 characters. */
export function shownName(name: string | undefined): string {
  const last = (name ?? '').split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .replaceAll(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim()
    .slice(0, 255);
  return clean === '' ? 'upload.csv' : clean;
}
