import { z } from 'zod';

/** What the environment says. Flags go before it, and it goes before the defaults. */
export interface Config {
  readonly db: string;
  readonly mail: string;
  readonly from: string | undefined;
  readonly smtpUser: string | undefined;
  readonly smtpPassword: string | undefined;
  /** A file whose first line is the password. */
  readonly smtpPasswordFile: string | undefined;
  /** How long a mail server may be silent, in seconds; the mailer's own times where it is not set. */
  readonly smtpTimeout: number | undefined;
  /** Mails a second that the mail server allows. */
  readonly sendRate: number | undefined;
  /** How long `import` and `work` wait for a service that does not work, in seconds. */
  readonly patience: number;
  /** What whoever uses the server has to show. */
  readonly token: string | undefined;
  /** A file whose first line is the token. */
  readonly tokenFile: string | undefined;
  readonly log: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** How much a server writes: it is there for long, so it tells what happens unless it is told not to. */
  readonly serverLog: Config['log'];
  /** See no-color.org. */
  readonly color: boolean;
}

/** A variable of the environment has a value that cannot be used. */
export class ConfigInvalid extends Error {
  override readonly name = 'ConfigInvalid';
  readonly code = 'config-invalid';
}

/** A number of at least `least`, or more than it where `open`. */
const number = (least: number, open = false) =>
  z
    .string()
    .transform(Number)
    .refine(
      (value) => Number.isFinite(value) && (open ? value > least : value >= least),
      `a number ${open ? 'above' : 'from'} ${least}${open ? '' : ' on'}`,
    );

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** What is allowed; the message of an issue says it. A variable that is empty counts as not set. */
const variables = z.object({
  ROLLCALL_DB: z.string().default('rollcall.db'),
  ROLLCALL_MAIL: z.string().default('maildir:mail'),
  ROLLCALL_FROM: z.string().optional(),
  ROLLCALL_SMTP_USER: z.string().optional(),
  ROLLCALL_SMTP_PASSWORD: z.string().optional(),
  ROLLCALL_SMTP_PASSWORD_FILE: z.string().optional(),
  ROLLCALL_SMTP_TIMEOUT: number(0, true).optional(),
  ROLLCALL_SEND_RATE: number(0, true).optional(),
  ROLLCALL_PATIENCE: number(0).default(30),
  ROLLCALL_TOKEN: z.string().optional(),
  ROLLCALL_TOKEN_FILE: z.string().optional(),
  ROLLCALL_LOG: z.enum(levels, `one of ${levels.join(', ')}`).optional(),
  NO_COLOR: z.string().optional(),
});

/** Reads the environment: nothing else in the program does. @throws ConfigInvalid */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const read = variables.safeParse(set);
  if (!read.success) throw new ConfigInvalid(read.error.issues.map((issue) => sentence(issue, set)).join('\n'));
  const given = read.data;
  return {
    db: given.ROLLCALL_DB,
    mail: given.ROLLCALL_MAIL,
    from: given.ROLLCALL_FROM,
    smtpUser: given.ROLLCALL_SMTP_USER,
    smtpPassword: given.ROLLCALL_SMTP_PASSWORD,
    smtpPasswordFile: given.ROLLCALL_SMTP_PASSWORD_FILE,
    smtpTimeout: given.ROLLCALL_SMTP_TIMEOUT,
    sendRate: given.ROLLCALL_SEND_RATE,
    patience: given.ROLLCALL_PATIENCE,
    token: given.ROLLCALL_TOKEN,
    tokenFile: given.ROLLCALL_TOKEN_FILE,
    log: given.ROLLCALL_LOG ?? 'silent',
    serverLog: given.ROLLCALL_LOG ?? 'info',
    color: given.NO_COLOR === undefined,
  };
}

/** Names the variable, what was given (unless it is a secret) and what is allowed. */
function sentence(issue: z.core.$ZodIssue, environment: Readonly<Record<string, string | undefined>>): string {
  const name = String(issue.path[0]);
  const given = /PASSWORD|TOKEN/.test(name) ? 'a value' : JSON.stringify(environment[name]);
  return `The environment variable ${name} is ${given}; it must be ${issue.message}.`;
}
