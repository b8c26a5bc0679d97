import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What Postfix is to answer to a recipient: an action of access(5), such as `OK` or `450 4.7.1 Come back later`. */
export type Decide = (recipient: string, nth: number) => string | Promise<string>;

/** A policy server as Postfix asks it about every recipient (SMTPD_POLICY_README): `name=value` lines up to an empty one, answered by an action. */
export class PolicyServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #asked = 0;
  /** How recipients are decided about; told which request it is, counted from 1. */
  decide: Decide = () => 'OK';

  private constructor() {
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
  }

  static async start(): Promise<PolicyServer> {
    const policy = new PolicyServer();
    await new Promise<void>((resolve) => policy.#server.listen(0, '127.0.0.1', resolve));
    return policy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let text = '';
    // A session that dies while it asks is no matter: its socket closes, too.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (data) => {
      text += data.toString();
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const [, recipient] = /^recipient=(.*)$/m.exec(text.slice(0, end)) ?? [];
        text = text.slice(end + 2);
        void this.#answer(socket, recipient ?? '');
      }
    });
  }

  async #answer(socket: Socket, recipient: string): Promise<void> {
    const action = await this.decide(recipient, ++this.#asked);
    if (socket.writable) socket.write(`action=${action}\n\n`);
  }
}
