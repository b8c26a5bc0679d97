import { answerTo, ask, credentials, type ImportView, type Page, Problem, problemIn, send, Unreachable, type UploadTicket } from './api.ts';
import { lost } from './connection.ts';

/** How a file is to be read, as the API takes it. */
export interface Reading {
  readonly file: string;
  readonly email?: string;
  readonly name?: string;
  readonly keep: readonly string[];
  readonly encoding?: string;
  readonly delimiter?: string;
}

/** How a file is to be imported. */
export interface Wish extends Reading {
  readonly onExisting: 'skip' | 'update';
  readonly again?: true;
}

/** How much of a file a preview needs, in bytes. */
export const previewBytes = 2 ** 20;

/** The options as a query. */
export function queryOf({ keep, ...options }: Reading | Wish): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) query.append(name, String(value));
  for (const column of keep) query.append('keep', column);
  return query.toString();
}

/** A request whose body is the file, or the beginning of it. */
export function fileBody(file: Blob): RequestInit {
  return { method: 'POST', body: file, headers: { 'Content-Type': 'text/csv' } };
}

/** Sends the whole file to where the server wants it. @returns the import's id, and whether it was imported before @throws Problem, Unreachable */
export async function upload(
  file: File,
  wish: Wish,
  progress: (sent: number) => void,
): Promise<{ readonly id: string; readonly ended: boolean }> {
  const began = Date.now();
  const ticket = await send<UploadTicket>('/uploads', wish);
  if (file.size > ticket.limit) {
    throw new Problem({
      type: 'body-too-large',
      title: 'The body is too large',
      detail: `The file has ${file.size} bytes, and at most ${ticket.limit} are taken.`,
      hint: 'Send less at once.',
    });
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  form.append(ticket.fileField, file, wish.file);
  const answer = await posted(ticket.url, form, progress);
  const location = answer.getResponseHeader('Location');
  if (ticket.location && location !== null) return { id: location.split('/').at(-1) ?? '', ended: answer.status === 200 };
  return { id: await appeared(wish.file, began), ended: false };
}

/** Begins an import of a file that is made here. @throws Problem, Unreachable */
export async function importText(text: string, wish: Wish): Promise<string> {
  const answer = await answerTo(`/imports?${queryOf(wish)}`, fileBody(new Blob([text])));
  return answer.headers.get('Location')?.split('/').at(-1) ?? '';
}

/** Only this kind of request tells how much of its body is sent. */
function posted(url: string, form: FormData, progress: (sent: number) => void): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    const isOurs = new URL(url, location.href).origin === location.origin;
    for (const [name, value] of Object.entries(isOurs ? credentials() : {})) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request);
      else reject(problemIn(request.status, request.responseText));
    };
    request.onerror = () => {
      lost();
      reject(new Unreachable(url));
    };
    request.send(form);
  });
}

/** Where the store does not name the import: it is the newest of that name that has come since. */
async function appeared(file: string, since: number): Promise<string> {
  for (;;) {
    const { items } = await ask<Page<ImportView>>('/imports?limit=20');
    // The clocks of two machines are never quite the same.
    const found = items.find((view) => view.file === file && Date.parse(view.createdAt) > since - 60_000);
    if (found) return found.import;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
