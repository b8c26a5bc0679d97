import { MessageChannel } from 'node:worker_threads';
import { RemotePorts, serve } from '../../../src/adapters/thread/remote.ts';

/** Two ends of a channel: the ports as the other thread sees them, and a way to close it. */
export class ThreadWorld {
  readonly remote: RemotePorts;
  readonly #channel = new MessageChannel();

  constructor(ports: Readonly<Record<string, object>>) {
    serve(this.#channel.port1, ports);
    this.remote = new RemotePorts(this.#channel.port2);
  }

  close(): void {
    this.#channel.port1.close();
    this.#channel.port2.close();
  }
}
