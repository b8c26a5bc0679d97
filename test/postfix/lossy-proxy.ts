import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands before a mail server, and breaks the connection when that says that it has taken a message: its answer never arrives. */
export class LossyProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #toLose: number;

  private constructor(port: number, toLose: number) {
    this.#toLose = toLose;
    this.#server = createServer((client) => {
      this.#carry(client, connect(port, '127.0.0.1'));
    });
  }

  /** @param toLose how many answers are lost; later ones arrive */
  static async start(port: number, toLose: number): Promise<LossyProxy> {
    const proxy = new LossyProxy(port, toLose);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(server);
    server.on('data', (data) => {
      if (/^250 .*queued as/m.test(data.toString()) && this.#toLose-- > 0) client.destroy();
      else client.write(data);
    });
  }
}
