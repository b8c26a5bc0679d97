import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MaildirMailer } from '../../src/adapters/maildir/mailer.ts';
import { MaildirSentMail } from '../../src/adapters/maildir/sent-mail.ts';
import { HandlebarsTemplateRenderer } from '../../src/adapters/handlebars/template-renderer.ts';
import { MemoryTelemetry } from '../../src/adapters/memory/telemetry.ts';
import { PostalMimeMessageReader } from '../../src/adapters/postal-mime/message-reader.ts';
import { SqliteDatabase } from '../../src/adapters/sqlite/database.ts';
import { SystemClock } from '../../src/adapters/system/clock.ts';
import { httpWorld } from '../../src/entrypoints/composition/http.ts';
import { localLimits, localWorld, spoolFolder } from '../../src/entrypoints/composition/local.ts';
import { mailModule } from '../../src/entrypoints/composition/mail.ts';
import { tokens } from '../../src/entrypoints/composition/tokens.ts';
import { httpApp } from '../../src/entrypoints/http/app.ts';
import type { HttpApp } from '../../src/entrypoints/http/route.ts';
import { defaultLimits, type HttpLimits, type HttpOptions, type HttpWorld } from '../../src/entrypoints/http/world.ts';
import { runLane } from '../../src/entrypoints/worker/lane.ts';
import { workerPorts } from '../../src/entrypoints/worker/local.ts';
import { runWorker } from '../../src/entrypoints/worker/worker.ts';

export type Options = Omit<Partial<HttpOptions>, 'limits'> & { readonly limits?: Partial<HttpLimits>; readonly world?: Partial<HttpWorld> };

/** A JSON value out of an answer, of which a test says what it is. */
export type Json = Record<string, unknown> & { readonly items: readonly Record<string, unknown>[] };

/** The HTTP API over a database on disk and a maildir, with a worker of its own in this thread. */
export class HttpTestWorld {
  readonly telemetry = new MemoryTelemetry();
  readonly world: HttpWorld;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rollcall-http-'));
  readonly #db = new SqliteDatabase(join(this.#folder, 'world.db'));
  readonly #stop = new AbortController();
  readonly #local;
  #working: Promise<void> = Promise.resolve();

  constructor() {
    const clock = new SystemClock();
    const mail = {
      mailer: new MaildirMailer(this.#maildir, clock),
      templates: HandlebarsTemplateRenderer.standard(),
      from: { address: 'team@example.com' },
    };
    this.#local = localWorld(this.#db, this.telemetry, mailModule(mail));
    this.world = httpWorld(this.#local, new PostalMimeMessageReader(), new MaildirSentMail(this.#maildir, clock));
  }

  app({ limits, world, ...options }: Options = {}): HttpApp {
    return httpApp(
      { ...this.world, ...world },
      {
        ...{ version: '1.2.3', welcome: true, batches: localLimits, secret: 'secret', stop: this.#stop.signal },
        clientOf: () => 'somebody',
        troubles: async () => [],
        ...options,
        limits: { ...defaultLimits, requestsPerSecond: 100_000, burst: 100_000, ...limits },
      },
    );
  }

  /** Starts a worker; without one, nothing becomes of what is queued. */
  work(): void {
    const ports = workerPorts(this.#local, () => undefined);
    const stages = {
      read: (stop: AbortSignal) =>
        runLane(ports, this.#local.get(tokens.uploadSource), this.#local.get(tokens.processCsv), { most: 1 }, stop),
      insertRecords: this.#local.get(tokens.insertRecords),
      sendEmail: this.#local.get(tokens.sendEmail),
    };
    this.#working = runWorker(ports, stages, { insertMost: 16, sendLanes: 2, sweepMs: 60_000 }, this.#stop.signal);
  }

  /** The files that are kept of uploads. */
  get spooled(): readonly string[] {
    try {
      return readdirSync(spoolFolder(this.#db.file));
    } catch {
      return [];
    }
  }

  get #maildir(): string {
    return join(this.#folder, 'mail');
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#working;
    this.#db.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/** A request with a body of JSON. */
export function posted(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } };
}

/** A request with a file as its body. */
export function csv(body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return { method: 'POST', body, headers: { 'Content-Type': 'text/csv', ...headers } };
}

/** What an address of the app answers, as JSON. */
export async function got(app: HttpApp, path: string): Promise<Json> {
  return (await (await app.request(path)).json()) as Json;
}

/** Asks for the import until it is over, and answers it. */
export async function over(
  app: HttpApp,
  location: string,
  isOver = (view: Json) => view['state'] === 'completed' && view['waiting'] === 0,
): Promise<Json> {
  for (;;) {
    const view = await got(app, location);
    if (isOver(view)) return view;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
