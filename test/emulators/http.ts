import type { buildApp } from 'fauxqs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** The HTTP server inside fauxqs, and as much of its requests and answers as is used here. */
export type App = ReturnType<typeof buildApp>;

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly raw: IncomingMessage;
}

export interface Reply {
  readonly raw: ServerResponse;
  readonly statusCode: number;
  code(status: number): Reply;
  type(contentType: string): Reply;
  header(name: string, value: string): Reply;
  headers(values: Record<string, string>): Reply;
  getHeaders(): object;
  send(body?: unknown): Reply;
}
