import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { faultOfSignature, type Credentials } from './signature.ts';

/** A send as it arrived. */
export interface SesMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly bytes: Buffer;
  readonly tags: Readonly<Record<string, string>>;
  readonly configurationSet: string | undefined;
}

/** An error as SES's query protocol has it. */
export interface SesError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/**
 * What becomes of a send. `take`: taken and said so. `lose-answer`: taken, and the connection is closed instead of an answer. `hang`: taken,
 * and no answer comes. `close`: not taken, the connection is closed. `garble`: taken, and the answer cannot be read. `fail-late`: taken, and a 500 is the
 * answer. An error: not taken.
 */
export type SesAnswer = 'take' | 'lose-answer' | 'hang' | 'close' | 'garble' | 'fail-late' | SesError;

export interface SesDoubleOptions {
  /** A free one, if none is given. */
  readonly port?: number;
  /** PEM. Without it the double speaks plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** What GetSendQuota tells. */
export interface SesQuota {
  readonly max24HourSend: number;
  readonly maxSendRate: number;
  readonly sentLast24Hours: number;
}

/** Errors as SES words them (SES Developer Guide, "Amazon SES email sending errors", and the API's Common Errors). */
export const sesErrors = {
  tooFast: { status: 400, code: 'Throttling', message: 'Maximum sending rate exceeded.' },
  dailyQuota: { status: 400, code: 'Throttling', message: 'Daily message quota exceeded.' },
  accountPaused: { status: 400, code: 'AccountSendingPausedException', message: 'Sending paused for this account.' },
  accessDenied: { status: 403, code: 'AccessDenied', message: 'User is not authorized to perform: ses:SendRawEmail' },
  illegalAddress: { status: 400, code: 'InvalidParameterValue', message: 'Illegal address' },
  internal: { status: 500, code: 'InternalFailure', message: 'The request processing has failed because of an unknown error.' },
  notVerified: (...identities: readonly string[]): SesError => ({
    status: 400,
    code: 'MessageRejected',
    message: `Email address is not verified. The following identities failed the check in region US-EAST-1: ${identities.join(', ')}`,
  }),
} as const;

/**
 * A stand-in for Amazon SES: its query protocol (version 2010-12-01) over HTTP, SendRawEmail and GetSendQuota. It checks that requests are
 * signed with its credentials, and what SES checks of a message first; what it does with a message is set by `answer`.
 */
export class SesDouble {
  readonly credentials: Credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  /** The messages that were taken, in their order. */
  readonly taken: SesMessage[] = [];
  /** How many requests arrived, by action, whatever came of them. */
  readonly requests: Record<string, number> = {};
  /** Connections that were opened. */
  connections = 0;
  /** What becomes of each send, counted from 1. */
  answer: (message: SesMessage, nth: number) => SesAnswer | Promise<SesAnswer> = () => 'take';
  quota: SesQuota | SesError = { max24HourSend: 50_000, maxSendRate: 14, sentLast24Hours: 0 };
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #sockets = new Set<Socket>();

  private constructor(options: SesDoubleOptions) {
    const onRequest = (request: IncomingMessage, response: ServerResponse) => {
      // A client that gives up has no use for an answer.
      request.on('error', () => undefined);
      this.#handle(request, response).catch((error: unknown) => {
        response.destroy(error as Error);
      });
    };
    this.#server = options.tls ? createSecureServer(options.tls, onRequest) : createServer(onRequest);
    this.#scheme = options.tls ? 'https' : 'http';
    this.#server.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(options: SesDoubleOptions = {}): Promise<SesDouble> {
    const double = new SesDouble(options);
    await new Promise<void>((resolve) => double.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return double;
  }

  /** For `endpoint`, or AWS_ENDPOINT_URL_SES. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const form = new URLSearchParams(body.toString('latin1'));
    const action = form.get('Action') ?? '';
    this.requests[action] = (this.requests[action] ?? 0) + 1;
    const { method = '', url: path = '', headers } = request;
    const fault = faultOfSignature({ method, path, headers, body }, this.credentials, 'ses');
    if (fault !== undefined) refuse(response, { status: 403, code: fault, message: 'The request is not signed as it should be.' });
    else if (action === 'GetSendQuota') this.#tellQuota(response);
    else if (action === 'SendRawEmail') await this.#take(form, response, this.requests[action]);
    else refuse(response, { status: 400, code: 'InvalidAction', message: `Could not find operation ${action}` });
  }

  #tellQuota(response: ServerResponse): void {
    if ('code' in this.quota) {
      refuse(response, this.quota);
      return;
    }
    const { max24HourSend, maxSendRate, sentLast24Hours } = this.quota;
    const values = { Max24HourSend: max24HourSend, MaxSendRate: maxSendRate, SentLast24Hours: sentLast24Hours };
    reply(
      response,
      'GetSendQuota',
      Object.entries(values)
        .map(([name, value]) => element(name, String(value)))
        .join(''),
    );
  }

  async #take(form: URLSearchParams, response: ServerResponse, nth: number): Promise<void> {
    const message = messageOf(form);
    const fault = faultOf(message, form);
    const answer = fault ?? (await this.answer(message, nth));
    if (typeof answer !== 'string') {
      refuse(response, answer);
      return;
    }
    if (answer !== 'close') this.taken.push(message);
    if (answer === 'take') reply(response, 'SendRawEmail', element('MessageId', `${nth.toString(16).padStart(16, '0')}-example`));
    else if (answer === 'garble') response.end('<SendRawEmailResponse><Send');
    else if (answer === 'fail-late') refuse(response, sesErrors.internal);
    else if (answer !== 'hang') response.destroy();
  }
}

function messageOf(form: URLSearchParams): SesMessage {
  const tags: Record<string, string> = {};
  for (let n = 1; form.has(`Tags.member.${n}.Name`); n += 1) {
    tags[form.get(`Tags.member.${n}.Name`) ?? ''] = form.get(`Tags.member.${n}.Value`) ?? '';
  }
  const to: string[] = [];
  for (let n = 1; form.has(`Destinations.member.${n}`); n += 1) to.push(form.get(`Destinations.member.${n}`) ?? '');
  return {
    from: form.get('Source') ?? '',
    to,
    bytes: Buffer.from(form.get('RawMessage.Data') ?? '', 'base64'),
    tags,
    configurationSet: form.get('ConfigurationSetName') ?? undefined,
  };
}

/** The largest message, in bytes, and what a tag may hold (SES API Reference, SendRawEmail and MessageTag). */
const maxBytes = 10 * 1024 * 1024;
const tagForm = /^[A-Za-z0-9_-]{1,256}$/;

function faultOf(message: SesMessage, form: URLSearchParams): SesError | undefined {
  const wrong = (text: string): SesError => ({ status: 400, code: 'InvalidParameterValue', message: text });
  if (form.get('Version') !== '2010-12-01') return { status: 400, code: 'NoSuchVersion', message: 'Could not find this version.' };
  if (message.bytes.length === 0) return wrong('Empty raw message.');
  if (message.bytes.length > maxBytes) return wrong(`Message length is more than ${maxBytes} bytes long: '${message.bytes.length}'.`);
  if (![message.from, ...message.to].every((address) => address.includes('@'))) return wrong("Missing final '@domain'");
  if (message.to.length === 0 || message.to.length > 50) return wrong('There must be 1 to 50 recipients.');
  if (
    !Object.entries(message.tags)
      .flat()
      .every((text) => tagForm.test(text))
  )
    return wrong('Invalid tag.');
  return undefined;
}

function reply(response: ServerResponse, action: string, result: string): void {
  const metadata = element('ResponseMetadata', element('RequestId', 'request-example'));
  const xml = `<${action}Response xmlns="http://ses.amazonaws.com/doc/2010-12-01/">${element(`${action}Result`, result)}${metadata}</${action}Response>`;
  response.writeHead(200, { 'content-type': 'text/xml' }).end(xml);
}

function refuse(response: ServerResponse, { status, code, message }: SesError): void {
  const type = element('Type', status >= 500 ? 'Receiver' : 'Sender');
  const error = element('Error', type + element('Code', code) + element('Message', escaped(message)));
  const xml = `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">${error}${element('RequestId', 'request-example')}</ErrorResponse>`;
  response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
}

function element(name: string, inner: string): string {
  return `<${name}>${inner}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/[<>&]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
