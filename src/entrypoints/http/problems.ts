import { PortError } from '../../ports/vocabulary.ts';

/** Every kind of problem: its status, what it is called, and what to do about it. The codes are stable: programs tell problems apart by them. */
export const problemKinds = {
  'invalid-request': [400, 'The request is not as it must be', 'Correct what `errors` names, and send it again.'],
  'unreadable-body': [400, 'The body cannot be read', 'See that it is whole, and of the form that its Content-Type says.'],
  unauthorized: [401, 'A valid token is needed', 'Send it with the request:  Authorization: Bearer TOKEN'],
  'cross-site': [
    403,
    'The request comes from another site',
    'Send it from the console of this server, or from a program that is no browser.',
  ],
  'not-found': [404, 'There is nothing at this address', 'See /docs for the addresses that there are.'],
  'import-unknown': [404, 'There is no such import', 'See GET /imports for those that there are.'],
  'upload-unknown': [404, 'No file has come by this ticket', 'Send it first. A ticket of POST /uploads is good for a quarter of an hour.'],
  'user-unknown': [404, 'There is no such user', 'See GET /users for those that there are.'],
  'mail-unknown': [404, 'This user was sent no welcome', 'It may still be on its way: GET /users/{id} tells.'],
  'mail-not-kept': [
    404,
    'Welcomes are not kept here',
    'They are kept only where they go into a maildir; elsewhere the mail server has them.',
  ],
  'method-not-allowed': [405, 'This address does not take such a request', 'Use one of the methods that the header Allow names.'],
  'too-late': [409, 'There is nothing left to cancel', 'All rows are read already, and rows that are read are stored.'],
  'body-too-large': [413, 'The body is too large', 'Send less at once.'],
  'unsupported-media-type': [415, 'The body is of an unknown form', 'Send one of the media types that `supported` names.'],
  'unknown-host': [421, 'This server is not called so', 'Use the address that it told at its start, such as http://127.0.0.1:8080/.'],
  'no-address-column': [422, 'No column of e-mail addresses was found', 'Say which column it is: ?email=COLUMN'],
  'unknown-column': [422, 'There is no such column', 'Use one of the names of the header, or a number counted from 1.'],
  'empty-file': [422, 'The file holds no rows', 'A CSV file begins with a header such as: name,email'],
  'unknown-encoding': [422, 'There is no such encoding', 'Use a name such as utf-8, windows-1252 or gb18030, or leave it out.'],
  'wrong-encoding': [422, 'The file is in another encoding', 'Leave the encoding out, so that it is detected.'],
  'unusable-delimiter': [422, 'This cannot separate columns', 'Use one character, or `tab`, or leave it out.'],
  'not-text': [422, 'The file is no CSV file', 'Save it as CSV and send that.'],
  'too-many-columns': [422, 'There are too many columns', 'Leave out those that are not needed.'],
  'too-many-users': [
    422,
    'There are too many users in one request',
    'Send them in several requests, or as a CSV file, which may be as long as you like.',
  ],
  'wishes-unusable': [422, 'The options are too long to travel with the file', 'Keep fewer columns by name, or all of them with *.'],
  'answer-too-large': [
    422,
    'The answer is larger than can be sent from here',
    'Ask for fewer items at once with `limit`. The command downloads rejected rows of any number.',
  ],
  'key-reused': [422, 'This Idempotency-Key stands for another request', 'Use a fresh key for every request that differs.'],
  'too-many-requests': [429, 'There are too many requests', 'Wait for as many seconds as the header Retry-After says.'],
  'too-many-watchers': [429, 'Too many streams of events are open', 'Close some, or ask GET /imports/{id} from time to time.'],
  'internal-error': [500, 'This should not have happened', 'Nothing that was done is lost. The log of the server tells more.'],
  unavailable: [503, 'Something that is needed does not answer', 'Try again after as many seconds as the header Retry-After says.'],
  'not-ready': [503, 'The server is not ready', 'See `errors` for what does not work.'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string, hint: string]>>;

export type ProblemCode = keyof typeof problemKinds;

/** What is told beside the kind: what happened in this case, another hint, and further members (RFC 9457, 3.2). */
export interface ProblemDetails {
  readonly detail?: string;
  readonly hint?: string | undefined;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request cannot be answered as it was meant to. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(details.detail ?? problemKinds[code][1]);
    this.code = code;
    this.details = details;
  }
}

/** The answer that tells the problem (RFC 9457, 3). `type` is an address of this server, where the kind is explained. */
export function problemResponse({ code, details }: HttpProblem): Response {
  const [status, title, hint] = problemKinds[code];
  const body = {
    type: `/problems/${code}`,
    title,
    status,
    ...(details.detail !== undefined && { detail: details.detail }),
    hint: details.hint ?? hint,
    ...details.members,
  };
  return new Response(JSON.stringify(body), { status, headers: { ...details.headers, 'Content-Type': 'application/problem+json' } });
}

/** The problem that an error comes to; nothing where it is a defect of ours. */
export function problemOf(error: unknown): HttpProblem | undefined {
  if (error instanceof HttpProblem) return error;
  if (!(error instanceof PortError)) return undefined;
  if (isProblemCode(error.code)) return new HttpProblem(error.code, { detail: error.message, hint: error.hint });
  // Its message may name paths and services of the server: these are for the log.
  if (error.retryable) return new HttpProblem('unavailable', { members: { code: error.code }, headers: { 'Retry-After': '2' } });
  return undefined;
}

/** Whether there is a kind of problem of that name. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemKinds, code);
}
