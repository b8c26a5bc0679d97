import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { SystemClock } from '../../adapters/system/clock.ts';
import type { Mailer } from '../../ports/mailer.ts';
import type { Mailbox } from '../../ports/message-composer.ts';
import type { MailParts } from '../composition/mail.ts';
import type { Config } from '../config.ts';
import { readSender } from '../sender.ts';
import { CommandFailed, exitCodes } from './failure.ts';
import type { MailFlags } from './flags.ts';

/** Where welcomes go, as `--mail` says. */
export type MailTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'maildir'; readonly path: string }
  | { readonly kind: 'smtp'; readonly host: string; readonly port: number; readonly secure: boolean };

/** Reads `maildir:DIR`, `smtp://HOST:PORT`, `smtps://HOST:PORT` or `none`. @throws CommandFailed */
export function parseMailTarget(text: string): MailTarget {
  if (text === 'none') return { kind: 'none' };
  if (text.startsWith('maildir:') && text.length > 'maildir:'.length)
    return { kind: 'maildir', path: resolve(text.slice('maildir:'.length)) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'smtp:' || url.protocol === 'smtps:') && url.hostname !== '') {
    if (url.password !== '' || url.username !== '') {
      throw new CommandFailed('--mail holds a user name or a password, which everyone on this machine could read.', {
        hint: 'Put them into the environment: ROLLCALL_SMTP_USER, and ROLLCALL_SMTP_PASSWORD or ROLLCALL_SMTP_PASSWORD_FILE.',
        exitCode: exitCodes.usage,
      });
    }
    const secure = url.protocol === 'smtps:';
    return {
      kind: 'smtp',
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (secure ? 465 : 25) : Number(url.port),
      secure,
    };
  }
  throw new CommandFailed(`--mail ${text} is not understood.`, {
    hint: 'Use maildir:DIR, smtp://HOST:PORT, smtps://HOST:PORT or none.',
    exitCode: exitCodes.usage,
  });
}

/** How the target is told to a person. */
export function shownTarget(target: MailTarget): string {
  if (target.kind === 'maildir') return target.path;
  return target.kind === 'none' ? 'none' : `${target.secure ? 'smtps' : 'smtp'}://${target.host}:${target.port}`;
}

/**
 * What sends the welcomes; nothing where none are sent. What mail needs is loaded only here.
 * @throws CommandFailed, TemplateFaulty
 */
export async function mailParts(target: MailTarget, flags: MailFlags, config: Config): Promise<MailParts | undefined> {
  if (target.kind === 'none') return undefined;
  const from = sender(flags.from ?? config.from, target);
  const { HandlebarsTemplateRenderer } = await import('../../adapters/handlebars/template-renderer.ts');
  const templates =
    flags.template === undefined ? HandlebarsTemplateRenderer.standard() : HandlebarsTemplateRenderer.fromDirectory(flags.template);
  return { mailer: await mailerOf(target, config), templates, from };
}

async function mailerOf(target: Exclude<MailTarget, { readonly kind: 'none' }>, config: Config): Promise<Mailer> {
  if (target.kind === 'maildir') {
    const { MaildirMailer } = await import('../../adapters/maildir/mailer.ts');
    return new MaildirMailer(target.path, new SystemClock());
  }
  const { SmtpMailer } = await import('../../adapters/smtp/mailer.ts');
  const { smtpTimeout, sendRate } = config;
  const login = smtpLogin(config);
  const patience = smtpTimeout === undefined ? undefined : smtpTimeout * 1000;
  const { host, port, secure } = target;
  return new SmtpMailer({
    host,
    port,
    secure,
    ...(login && { login }),
    ...(sendRate !== undefined && { perSecond: sendRate }),
    ...(patience !== undefined && { connectTimeoutMs: patience, greetingTimeoutMs: patience, silenceTimeoutMs: patience }),
  });
}

function sender(text: string | undefined, target: MailTarget): Mailbox {
  if (text === undefined) {
    if (target.kind === 'maildir')
      return { name: 'Rollcall', address: `rollcall@${hostname().includes('.') ? hostname() : 'localhost.localdomain'}` };
    throw new CommandFailed('Welcomes by SMTP need a sender.', {
      hint: "Name it with --from 'Team <team@example.com>', or in the environment as ROLLCALL_FROM.",
      exitCode: exitCodes.usage,
    });
  }
  const read = readSender(text);
  if ('sender' in read) return read.sender;
  throw new CommandFailed(`--from ${text} is no address that mail can come from: ${read.why}.`, {
    hint: "Write it as team@example.com or 'Team <team@example.com>'.",
    exitCode: exitCodes.usage,
  });
}

function smtpLogin({ smtpUser, smtpPassword, smtpPasswordFile }: Config): { readonly user: string; readonly password: string } | undefined {
  if (smtpUser === undefined) return undefined;
  const password = smtpPassword ?? (smtpPasswordFile === undefined ? undefined : firstLine(smtpPasswordFile));
  if (password !== undefined) return { user: smtpUser, password };
  throw new CommandFailed('ROLLCALL_SMTP_USER is set, and there is no password.', {
    hint: 'Set ROLLCALL_SMTP_PASSWORD, or ROLLCALL_SMTP_PASSWORD_FILE to a file that holds it.',
    exitCode: exitCodes.usage,
  });
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    throw new CommandFailed(`The file of ROLLCALL_SMTP_PASSWORD_FILE cannot be read: ${file}`, {
      hint: 'Look whether it exists and you may read it.',
      exitCode: exitCodes.usage,
      cause: error,
    });
  }
}
