import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** A request as DynamoDB and its streams get it: the name of the operation, and its input. */
export interface Request {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the endpoint answers: an output, an error, or nothing at all (`silence`: never, `hang-up`: it ends the connection). */
export type Reply =
  | Readonly<Record<string, unknown>>
  | { readonly status: number; readonly error: string; readonly message?: string; readonly more?: Readonly<Record<string, unknown>> }
  | 'silence'
  | 'hang-up';

/** Speaks the protocol of DynamoDB and its streams (JSON 1.0) and says what it is told to. */
export class ScriptedEndpoint {
  readonly requests: Request[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(answer: (request: Request) => Reply): Promise<ScriptedEndpoint> {
    const server = createServer((incoming, response) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
        const request = { operation, input: JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown> };
        endpoint.requests.push(request);
        const reply = answer(request);
        if (reply === 'silence') return;
        if (reply === 'hang-up') {
          incoming.socket.destroy();
          return;
        }
        const failed = 'status' in reply && 'error' in reply;
        const body = failed
          ? { __type: `com.amazonaws.dynamodb.v20120810#${String(reply.error)}`, message: reply['message'], ...(reply['more'] ?? {}) }
          : reply;
        response.writeHead(failed ? Number(reply.status) : 200, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(JSON.stringify(body));
      });
    });
    const endpoint = new ScriptedEndpoint(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  get settings(): DynamoDBClientConfig {
    return {
      endpoint: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'anybody', secretAccessKey: 'anything' },
      maxAttempts: 1,
      requestHandler: new OwnErrorsHandler(),
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/**
 * Raises the errors of Node's own modules as errors of the tests' realm: jest has an Error of its own, and the SDK takes what is none
 * for a text.
 */
class OwnErrorsHandler extends NodeHttpHandler {
  override async handle(...args: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    try {
      return await super.handle(...args);
    } catch (error) {
      throw Object.assign(new Error((error as Error).message), error);
    }
  }
}
