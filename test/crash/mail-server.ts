import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { messageIdOf } from './outcome.ts';

/** A place in the delivery of a mail: before the server keeps it, before it says so, and after it said so. */
export const mailMoments = ['before-taking', 'before-answering', 'after-answering'] as const;
export type MailMoment = (typeof mailMoments)[number];

/** A real SMTP server that counts Message-IDs, and says when it has come to a place in the delivery of the nth mail. */
export class CountingMailServer {
  /** How often each Message-ID was taken. */
  readonly mails = new Map<string, number>();
  /** Called at every place of every mail, counted from 1, with its Message-ID; what it answers is waited for. */
  onMail: (nth: number, moment: MailMoment, messageId: string) => Promise<void> | undefined = () => undefined;
  #seen = 0;
  readonly #server: SMTPServer;

  private constructor() {
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 50,
      onData: (stream, _session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => void this.#take(Buffer.concat(chunks).toString(), done));
      },
    });
    // A client that is killed breaks its connections off: that is what this is for.
    this.#server.on('error', () => undefined);
  }

  static async start(): Promise<CountingMailServer> {
    const server = new CountingMailServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(message: string, done: () => void): Promise<void> {
    const nth = ++this.#seen;
    const id = messageIdOf(message);
    await this.onMail(nth, 'before-taking', id);
    this.mails.set(id, (this.mails.get(id) ?? 0) + 1);
    await this.onMail(nth, 'before-answering', id);
    done();
    await this.onMail(nth, 'after-answering', id);
  }
}
