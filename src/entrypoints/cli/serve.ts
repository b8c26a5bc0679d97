import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { MaildirSentMail } from '../../adapters/maildir/sent-mail.ts';
import { PostalMimeMessageReader } from '../../adapters/postal-mime/message-reader.ts';
import { PromClientTelemetry } from '../../adapters/prom-client/telemetry.ts';
import { forgetOrphans } from '../../domain/user-import/forget-orphans.ts';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import { PortError } from '../../ports/vocabulary.ts';
import { httpWorld } from '../composition/http.ts';
import { localLimits } from '../composition/local.ts';
import { tokens, type World } from '../composition/tokens.ts';
import { httpApp } from '../http/app.ts';
import { assetsOf } from '../http/assets.ts';
import { clientOf, serveApp, type RunningServer } from '../http/server.ts';
import { defaultLimits, type HttpOptions } from '../http/world.ts';
import { runLocalWorker, workerPorts } from '../worker/local.ts';
import { ReaderThread } from '../worker/reader.ts';
import { accessOf, isLoopback } from './access.ts';
import { refuseOtherChannel } from './channel.ts';
import type { Context } from './context.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { ServeFlags } from './flags.ts';
import { interruption } from './interruption.ts';
import { mailParts, parseMailTarget, type MailTarget } from './mail.ts';
import { telemetryOf, withSession } from './session.ts';
import { Troubles } from './troubles.ts';
import { version } from './version.ts';

/** How long requests that are under way may take once the server is to end, in milliseconds. */
const graceMs = 10_000;

/** `rollcall serve`: answers requests and works, both in this process, until it is asked to stop. @returns the exit status */
export async function serve(flags: ServeFlags, context: Context): Promise<number> {
  const { config, output } = context;
  const access = await accessOf(flags, config);
  const target = parseMailTarget(flags.mail ?? config.mail);
  const mail = await mailParts(target, flags, config);
  const telemetry = new PromClientTelemetry(await telemetryOf(config.serverLog));
  const stop = interruption(output);
  return withSession(context, { db: flags.db, to: 'work', create: true, mail, telemetry }, async ({ file, world }) => {
    await refuseOtherChannel(world, mail);
    const reader = new ReaderThread();
    addGauges(world, telemetry);
    await removeOrphans(world);
    const troubles = new Troubles(config.patience * 1000);
    const ended = new AbortController();
    const end = AbortSignal.any([stop.signal, ended.signal]);
    const app = httpApp(httpWorld(world, new PostalMimeMessageReader(), sentMailOf(world, target)), {
      ...optionsOf(flags, access),
      welcome: mail !== undefined,
      assets: assetsOf(fileURLToPath(new URL('./console/', import.meta.url))),
      troubles: async () => {
        await world.get(tokens.imports).list(1);
        const trouble = troubles.tooLong();
        return [...(trouble ? [trouble.message] : []), ...(end.aborted ? ['The server is stopping.'] : [])];
      },
      metrics: async () => ({ contentType: telemetry.contentType, text: await telemetry.text() }),
      stop: end,
    });
    const server = await listening(flags, () => serveApp(app, flags.host, flags.port));
    // All is loaded, and new objects have room enough: for the pieces of an upload, which live for a moment, V8 would quadruple it. (A thread
    // that starts sets this back.)
    setFlagsFromString('--semi-space-growth-factor=1');
    output.result(`Rollcall answers at ${addressOf(server)} (API: ${addressOf(server)}docs). Ctrl-C stops it.`);
    telemetry.info('listening', { port: server.port, protected: access !== undefined });

    const ports = workerPorts(world, (stage, trouble) => troubles.hear(stage, trouble));
    const working = runLocalWorker(world, ports, { dbFile: file, reader, sends: mail !== undefined }, end).finally(() => ended.abort());
    const closing = aborted(end).then(() => server.close(graceMs));
    // Both have come to their end before anyone closes the database under them.
    const [worked, closed] = await Promise.allSettled([working, closing]);
    if (worked.status === 'rejected') throw worked.reason;
    if (closed.status === 'rejected') throw closed.reason;
    output.note('Stopped. Nothing is lost: it goes on at the next start.');
    return exitCodes.done;
  });
}

function optionsOf(
  flags: ServeFlags,
  access: AccessTokens | undefined,
): Pick<HttpOptions, 'version' | 'batches' | 'limits' | 'clientOf' | 'secret' | 'access' | 'hosts'> {
  return {
    version: version(),
    batches: localLimits,
    limits: defaultLimits,
    clientOf,
    secret: randomBytes(32).toString('hex'),
    ...(access && { access }),
    // Elsewhere it may have any name, and nobody comes in without a token.
    ...(isLoopback(flags.host) && { hosts: ['localhost', '127.0.0.1', '[::1]', flags.host] }),
  };
}

function sentMailOf(world: World, target: MailTarget): MaildirSentMail | undefined {
  return target.kind === 'maildir' ? new MaildirSentMail(target.path, world.get(tokens.clock)) : undefined;
}

/** What a server that died had taken in and not begun to import. It is no reason not to start. */
async function removeOrphans(world: World): Promise<void> {
  const telemetry = world.get(tokens.telemetry);
  try {
    const ports = { clock: world.get(tokens.clock), imports: world.get(tokens.imports), spool: world.get(tokens.spool) };
    const removed = await forgetOrphans(ports);
    if (removed > 0) telemetry.info('orphans-removed', { uploads: removed });
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    telemetry.error('orphans-not-removed', error);
  }
}

function addGauges(world: World, telemetry: PromClientTelemetry): void {
  const sources = {
    uploads: world.get(tokens.uploadSource),
    records: world.get(tokens.recordsSource),
    welcomes: world.get(tokens.welcomeSource),
  };
  telemetry.gauge('queue_messages', 'Messages in each queue, by their state.', async () => {
    const depths = await Promise.all(Object.entries(sources).map(async ([queue, source]) => ({ queue, depth: await source.depth() })));
    return depths.flatMap(({ queue, depth }) =>
      Object.entries(depth).map(([state, value]) => ({ labels: { queue, state }, value: value as number })),
    );
  });
  telemetry.gauge('dead_letters', 'Messages that could not be processed.', async () => [
    { value: await world.get(tokens.deadLetters).count({}) },
  ]);
}

async function listening({ host, port }: ServeFlags, listen: () => Promise<RunningServer>): Promise<RunningServer> {
  try {
    return await listen();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const hints: Readonly<Record<string, string>> = {
      EADDRINUSE: 'Another program answers there: stop it, or name another port with --port (0 takes any that is free).',
      EACCES: 'Ports below 1024 are for the system alone: name another one with --port.',
    };
    throw new CommandFailed(`Port ${port} of ${host} cannot be listened at: ${error.message}`, {
      hint: hints['code' in error ? String(error.code) : ''] ?? 'Name an address of this machine with --host.',
      exitCode: exitCodes.usage,
      cause: error,
    });
  }
}

function addressOf({ host, port }: RunningServer): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
