import { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { HttpProblem } from './problems.ts';

/** A file in a form. */
export interface FormFile {
  /** As its sender calls it: for people to read, and never a path. */
  readonly name: string;
  /** To be read to its end. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Forms may hold this much beside the file. */
const limits = { files: 1, fields: 20, parts: 21, fieldSize: 10_000, headerPairs: 20 };

/**
 * Takes the file out of a body of multipart/form-data (RFC 7578) as it comes, without keeping it.
 * @param use reads the file; what it answers is the answer
 * @throws HttpProblem where there is no file, or the form is broken
 */
export async function withFormFile<T>(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  use: (file: FormFile) => Promise<T>,
): Promise<T> {
  const source = Readable.from(body, { objectMode: false });
  let form: InstanceType<typeof Busboy>;
  try {
    form = new Busboy({ headers: { 'content-type': contentType }, limits, preservePath: false });
  } catch (error) {
    throw new HttpProblem('unreadable-body', { detail: `The form cannot be read: ${(error as Error).message}.` });
  }
  return new Promise<T>((resolve, reject) => {
    let used: Promise<T> | undefined;
    let stream: Readable | undefined;
    const fail = (error: unknown): void => {
      const problem =
        error instanceof HttpProblem
          ? error
          : new HttpProblem('unreadable-body', { detail: `The form cannot be read: ${(error as Error).message}.` });
      stream?.destroy(problem);
      source.destroy();
      reject(problem);
    };
    form.on('file', (_field: string, file: Readable, name: unknown) => {
      stream = file;
      // A form that breaks off amid the file breaks the file off, too.
      file.on('error', () => undefined);
      used = use({ name: typeof name === 'string' ? name : '', bytes: file as AsyncIterable<Uint8Array> });
      used.then(undefined, fail);
    });
    form.on('error', fail);
    source.on('error', fail);
    form.on('finish', () => {
      if (used) used.then(resolve, reject);
      else
        reject(
          new HttpProblem('unreadable-body', { detail: 'The form holds no file.', hint: 'Send the file as a part with a file name.' }),
        );
    });
    source.pipe(form);
  });
}
