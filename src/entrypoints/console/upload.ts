import { answerTo, ask, credentials, Problem, problemIn, send, Unreachable, type UploadTicket, type UploadView } from './api.ts';
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

/** A request whose body is the file, or the beginning of it: as bytes, for what is called text some gateways turn into UTF-8. */
export function fileBody(file: Blob): RequestInit {
  return { method: 'POST', body: file, headers: { 'Content-Type': 'application/octet-stream' } };
}

/** Sends the whole file to where the server wants it. @returns the import's id, and whether it was imported before @throws Problem, Unreachable */
export async function upload(
  file: File,
  wish: Wish,
  progress: (sent: number) => void,
): Promise<{ readonly id: string; readonly ended: boolean }> {
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
  if (!ticket.location) return { id: await followed(ticket.follow ?? ''), ended: false };
  return { id: answer.getResponseHeader('Location')?.split('/').at(-1) ?? '', ended: answer.status === 200 };
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

/** Where the store does not name the import, the ticket does; it is begun as soon as the store has told of the file. */
async function followed(path: string): Promise<string> {
  for (;;) {
    const { import: id, begun } = await ask<UploadView>(path);
    if (begun) return id;
    await new Promise((resolve) => setTimeout(resolve, askMs));
  }
}

/** How often a file that was sent is asked after, in milliseconds. */
const askMs = 500;
