import { connected, lost } from './connection.ts';
import { Store } from './store.ts';

export type {
  ImportView,
  LetterView,
  MailView,
  PreviewView,
  RowsPage,
  RowView,
  UploadTicket,
  UploadView,
  UserView,
} from '../http/schemas.ts';

/** A page of a list; `next` asks for the one after it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** What the server says it cannot do (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** Stable, such as `import-unknown`. */
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly hint: string;

  constructor({ type, title, detail, hint }: { type: string; title: string; detail?: string; hint: string }) {
    super(detail ?? title);
    this.code = type.split('/').at(-1) ?? type;
    this.title = title;
    this.detail = detail;
    this.hint = hint;
  }
}

/** The server did not answer at all. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

const key = 'rollcall-token';

/** Whether the server asks for a token that it has not got. */
export const tokenWanted = new Store(false);

/** Keeps the token for this tab, until it is closed. */
export function keepToken(token: string): void {
  sessionStorage.setItem(key, token);
  tokenWanted.set(false);
}

/** What a request needs so that it is let in. */
export function credentials(): Readonly<Record<string, string>> {
  const token = sessionStorage.getItem(key);
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** What the server answers. @throws Problem, Unreachable; AbortError where the request's own signal aborts */
export async function answerTo(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: { ...credentials(), ...(init.headers as Record<string, string> | undefined) } });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    lost();
    throw new Unreachable(path, { cause: error });
  }
  connected.set(true);
  if (response.ok) return response;
  throw problemIn(response.status, await response.text());
}

/** The JSON that the server answers. @throws Problem, Unreachable */
export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await answerTo(path, init)).json()) as T;
}

/** Sends JSON, and reads the JSON that comes back. @throws Problem, Unreachable */
export function send<T>(path: string, body: unknown): Promise<T> {
  return ask<T>(path, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
}

/** The problem that an answer tells; a plain one where something between answered that speaks otherwise, such as a gateway. */
export function problemIn(status: number, text: string): Problem {
  if (status === 401) tokenWanted.set(true);
  return (
    problemTold(text) ??
    new Problem({
      type: plainProblems[status] ?? 'unavailable',
      title: `The server answered with status ${status}`,
      hint: 'Try again in a moment.',
    })
  );
}

/** What those between mean who answer by themselves. */
const plainProblems: Readonly<Record<number, string>> = { 401: 'unauthorized', 413: 'body-too-large', 429: 'too-many-requests' };

function problemTold(text: string): Problem | undefined {
  try {
    const told = JSON.parse(text) as Partial<ConstructorParameters<typeof Problem>[0]>;
    const { type, title, hint } = told;
    return type !== undefined && title !== undefined && hint !== undefined ? new Problem({ ...told, type, title, hint }) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
