import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayEvent } from './gateway-event.ts';
import type { Invocation } from './lambda.ts';

export interface GatewayOptions {
  /** The function that every route leads to. */
  readonly function: { invoke(event: unknown): Promise<Invocation> };
  /** Such as `GET /assets/{file}` or `$default`, and whether the authorizer checks who asks. */
  readonly routes: readonly { readonly key: string; readonly isGuarded: boolean }[];
  /** What each token that the authorizer lets in claims. */
  readonly tokens: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * A stand-in for an HTTP API of API Gateway with a JWT authorizer: routes, refuses, and calls a function in the payload format 2.0. It takes no more
 * than API Gateway and Lambda do (API Gateway Developer Guide, "Quotas for HTTP APIs"; Lambda Developer Guide, "Lambda quotas").
 */
export class GatewayDouble {
  /** Methods and paths that were asked for. */
  readonly requests: string[] = [];
  readonly #options: GatewayOptions;
  readonly #server: Server;

  private constructor(options: GatewayOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: GatewayOptions): Promise<GatewayDouble> {
    const gateway = new GatewayDouble(options);
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  /** Where it answers, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { statusCode, headers, body, isBase64Encoded } = await this.#answerTo(request);
    response.writeHead(statusCode, headers).end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
  }

  async #answerTo(request: IncomingMessage): Promise<FunctionAnswer> {
    const { method = 'GET', url = '/' } = request;
    this.requests.push(`${method} ${url}`);
    const route = routeFor(this.#options.routes, method, url.split('?', 1)[0] ?? '');
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const claims = this.#options.tokens[token];
    if (!route) return own(404, 'Not Found');
    if (route.isGuarded && !claims) return own(401, 'Unauthorized');
    const body = await bodyOf(request);
    if (body.length > mostBytes) return own(413, 'Request Entity Too Large');

    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const event = gatewayEvent({
      ...{ method, path: url, headers },
      ...(body.length > 0 && { body }),
      ...(route.isGuarded && claims && { claims }),
    });
    if (isTooLarge(event)) return own(500, 'Internal Server Error');
    const invocation = await this.#options.function.invoke(event);
    if (!('answer' in invocation) || isTooLarge(invocation.answer)) return own(500, 'Internal Server Error');
    return invocation.answer as FunctionAnswer;
  }
}

interface FunctionAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const mostBytes = 10_000_000;
const mostPayload = 6_291_556;

/** The most specific route: one without variables, then one with some, then the default. */
function routeFor(routes: GatewayOptions['routes'], method: string, path: string): GatewayOptions['routes'][number] | undefined {
  const asked = `${method} ${path}`;
  const matches = (key: string): boolean => new RegExp(`^${key.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(asked);
  return routes.find(({ key }) => key === asked) ?? routes.find(({ key }) => matches(key)) ?? routes.find(({ key }) => key === '$default');
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The gateway's own answers are no problem documents. */
function own(statusCode: number, message: string): FunctionAnswer {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }), isBase64Encoded: false };
}

function isTooLarge(payload: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(payload)) > mostPayload;
}
