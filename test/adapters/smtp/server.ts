import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A message as the server got it. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly bytes: Buffer;
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** Where a reply other than yes is given, and which. */
export interface Replies {
  mail?: string;
  rcpt?: (address: string) => string | undefined;
  data?: string;
}

/** A real SMTP server on this machine that keeps what it gets and refuses what it is told to. */
export class MailServer {
  readonly received: Received[] = [];
  replies: Replies = {};
  connections = 0;
  readonly #server: SMTPServer;

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: options.cert === undefined ? ['STARTTLS'] : [],
      disableReverseLookup: true,
      closeTimeout: 50,
      onConnect: (_session, done) => {
        this.connections += 1;
        done();
      },
      onMailFrom: (_address, _session, done) => {
        done(replyOf(this.replies.mail));
      },
      onRcptTo: ({ address }, _session, done) => {
        done(replyOf(this.replies.rcpt?.(address)));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const refusal = replyOf(this.replies.data);
          if (refusal) {
            done(refusal);
            return;
          }
          const { mailFrom, rcptTo } = session.envelope;
          this.received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            bytes: Buffer.concat(chunks),
            secure: session.secure,
            user: typeof session.user === 'string' ? session.user : undefined,
          });
          done(null);
        });
      },
      ...options,
    });
    // What clients do to their connections is theirs; each test looks at what its client says.
    this.#server.on('error', () => undefined);
  }

  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

/**
 * The reply to each line of the client, by the line's first word (`.` for the end of a message, `body` for its beginning), also by how
 * many of them its connection has had. Replies are also `close`, `hang`, `trickle` (a reply that never ends) and `broken …`, one cut short by the
 * end of the connection.
 */
export type Script = Readonly<Record<string, string | ((nth: number) => string | undefined)>>;

/** A server that says what a script tells it to. */
export class ScriptedServer {
  readonly heard: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(script: Script) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      // A client that gives up resets the connection.
      socket.on('error', () => undefined);
      const trickles: NodeJS.Timeout[] = [];
      socket.on('close', () => {
        for (const trickle of trickles) clearInterval(trickle);
      });
      let inBody = false;
      let rest = '';
      const heard = new Map<string, number>();
      const scripted = (word: string) => {
        const nth = (heard.get(word) ?? 0) + 1;
        heard.set(word, nth);
        const reply = script[word];
        return typeof reply === 'function' ? reply(nth) : reply;
      };
      const say = (reply: string | undefined) => {
        if (reply === undefined) socket.write('250 OK\r\n');
        else if (reply === 'close') socket.destroy();
        else if (reply.startsWith('broken ')) socket.end(reply.slice('broken '.length));
        else if (reply === 'trickle') trickles.push(setInterval(() => socket.write('250-more\r\n'), 10));
        else if (reply !== 'hang') socket.write(`${reply}\r\n`);
      };
      say(scripted('greeting') ?? '220 test');
      socket.on('data', (chunk) => {
        const lines = (rest + chunk.toString('latin1')).split('\r\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (inBody && line !== '.') continue;
          const word = inBody ? '.' : (line.split(/[ :]/, 1)[0] ?? '').toUpperCase();
          inBody = false;
          this.heard.push(word);
          const reply = scripted(word) ?? (word === 'DATA' ? '354 go on' : word === 'QUIT' ? 'close' : undefined);
          inBody = reply?.startsWith('354') ?? false;
          say(reply);
          if (inBody && script['body'] !== undefined) say(scripted('body'));
        }
      });
    });
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const server = new ScriptedServer(script);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A key and a certificate for localhost and 127.0.0.1 that nobody signed but itself. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const directory = mkdtempSync(join(tmpdir(), 'rollcall-tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  try {
    execFileSync('openssl', [...kind, ...names, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function replyOf(reply: string | undefined): (Error & { responseCode: number }) | null {
  if (reply === undefined) return null;
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}
