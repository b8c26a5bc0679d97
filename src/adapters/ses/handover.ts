import { ClientRequest } from 'node:http';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { SendRawEmailCommand } from '@aws-sdk/client-ses';

/** How far a send had come when it failed. */
export type Stage =
  /** No request was made yet: credentials, region and signature are being put together. */
  | 'preparing'
  /** There is no connection yet: the name is looked up, the socket waited for, TLS agreed on. */
  | 'connecting'
  /** The request has begun to flow: the message may have been taken. */
  | 'handing-over';

/**
 * One request with one message, and how far it has come. The SDK tries again by itself after a reset, a 5xx and throttling, and a
 * message whose first request was taken would go out twice: here a second request is never made, whatever the client's settings are.
 */
export class Handover {
  stage: Stage = 'preparing';
  readonly #command: SendRawEmailCommand;
  #failure: SendEnded | undefined;

  constructor(command: SendRawEmailCommand) {
    this.#command = command;
    this.#watch();
  }

  /** Runs `send` with the command; what it raises is what the one request met. */
  async run(send: (command: SendRawEmailCommand) => Promise<unknown>): Promise<void> {
    try {
      await send(this.#command);
    } catch (error) {
      throw error instanceof SendEnded ? error.failure : error;
    }
  }

  #watch(): void {
    this.#command.middlewareStack.add(
      (next) => async (args) => {
        if (this.#failure) throw this.#failure;
        const request = args.request as { body: unknown };
        this.stage = 'connecting';
        request.body = new Body(request.body, () => (this.stage = 'handing-over'));
        try {
          return await next(args);
        } catch (error) {
          this.#failure = new SendEnded(error);
          throw this.#failure;
        }
      },
      // The innermost place of this step: the request is signed, and the answer comes back parsed.
      { step: 'finalizeRequest', priority: 'low', name: 'handover' },
    );
  }
}

/** What the request met, in a form that the SDK's retries do not take for transient: they look at names, codes and causes. */
class SendEnded extends Error {
  readonly failure: unknown;

  constructor(failure: unknown) {
    super('the send has ended');
    this.name = 'SendEnded';
    this.failure = failure;
  }
}

/** The request's body as a stream that tells when it can reach the other side. */
class Body extends Readable {
  readonly #body: unknown;
  readonly #onFlow: () => void;
  #watched = false;

  constructor(body: unknown, onFlow: () => void) {
    super();
    this.#body = body;
    this.#onFlow = onFlow;
  }

  override pipe<T extends NodeJS.WritableStream>(target: T, options?: { end?: boolean }): T {
    if (target instanceof ClientRequest) {
      this.#watched = true;
      whenConnected(target, this.#onFlow);
    }
    return super.pipe(target, options);
  }

  override _read(): void {
    // A request keeps what is written to it until there is a connection; of another target nothing is known.
    if (!this.#watched) this.#onFlow();
    this.push(this.#body);
    this.push(null);
  }
}

function whenConnected(request: ClientRequest, tell: () => void): void {
  const { socket } = request;
  if (!socket) {
    request.once('socket', () => {
      whenConnected(request, tell);
    });
    return;
  }
  if (socket.connecting) socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', tell);
  else tell();
}
