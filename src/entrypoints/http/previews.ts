import { tryRows } from '../../domain/user-import/try-rows.ts';
import { answers, json } from './answers.ts';
import { fileContent } from './imports.ts';
import { readingOptions, withFile } from './intake.ts';
import { addRoute, type HttpApp } from './route.ts';
import { previewQuery, previewView } from './schemas.ts';
import { previewViewOf } from './views.ts';
import type { HttpOptions, HttpWorld } from './world.ts';

/** How many rows, and rejected ones, a preview tells. */
const toldRows = 20;

/** What comes before an import: a look at the file. */
export function addPreviewRoutes(app: HttpApp, world: HttpWorld, { limits, stop }: HttpOptions): void {
  addRoute(
    app,
    {
      method: 'post',
      path: '/imports/preview',
      tag: 'imports',
      summary: 'Tell how a file would be understood',
      description: `Looks at its first ${limits.previewBytes} bytes and ${limits.previewRows} rows, and stores nothing: send no more than that, with partial=true. A file without an address column is told with its first rows, and with the reason in \`refusal\`.`,
      query: previewQuery,
      body: { required: true, content: fileContent },
      responses: answers(200, 'How it would be understood.', previewView, [
        'unreadable-body',
        'body-too-large',
        'unsupported-media-type',
        'unknown-encoding',
        'wrong-encoding',
        'unusable-delimiter',
        'not-text',
        'too-many-columns',
        'cross-site',
      ]),
    },
    async (c, { query }) => {
      const { bytes, more } = await withFile(c, limits.uploadBytes, query.file, (_, file) => beginning(file, limits.previewBytes));
      async function* open(): AsyncGenerator<Uint8Array> {
        yield bytes;
        await Promise.resolve();
      }
      const bounds = { rows: limits.previewRows, told: toldRows, partial: more || query.partial === 'true', stop };
      return json(previewViewOf(await tryRows(world, open, readingOptions(query), bounds)));
    },
  );
}

/** The first `most` bytes, and whether there are more. What follows is read and dropped, so that the sender comes to its end. */
async function beginning(file: AsyncIterable<Uint8Array>, most: number): Promise<{ readonly bytes: Uint8Array; readonly more: boolean }> {
  const parts: Uint8Array[] = [];
  let [size, more] = [0, false];
  for await (const part of file) {
    const room = part.subarray(0, most - size);
    parts.push(room);
    size += room.length;
    more ||= room.length < part.length;
  }
  return { bytes: Buffer.concat(parts), more };
}
