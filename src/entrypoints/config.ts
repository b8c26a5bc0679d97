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
  /** Mails a second that the mail server allows. */
  readonly sendRate: number | undefined;
  /** How long `import` and `work` wait for a service that does not work, in seconds. */
  readonly patience: number;
  readonly log: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** See no-color.org. */
  readonly color: boolean;
}

/** A variable of the environment has a value that cannot be used. */
export class ConfigInvalid extends Error {
  override readonly name = 'ConfigInvalid';
  readonly code = 'config-invalid';
}

const variables = z.object({
  ROLLCALL_DB: z.string().min(1).default('rollcall.db'),
  ROLLCALL_MAIL: z.string().min(1).default('maildir:mail'),
  ROLLCALL_FROM: z.string().min(1).optional(),
  ROLLCALL_SMTP_USER: z.string().min(1).optional(),
  ROLLCALL_SMTP_PASSWORD: z.string().min(1).optional(),
  ROLLCALL_SMTP_PASSWORD_FILE: z.string().min(1).optional(),
  ROLLCALL_SEND_RATE: z.coerce.number().positive().optional(),
  ROLLCALL_PATIENCE: z.coerce.number().min(0).default(30),
  ROLLCALL_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('silent'),
  NO_COLOR: z.string().optional(),
});

/** Reads the environment: nothing else in the program does. @throws ConfigInvalid */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const read = variables.safeParse(environment);
  if (!read.success) throw new ConfigInvalid(read.error.issues.map((issue) => sentence(issue, environment)).join('\n'));
  const given = read.data;
  return {
    db: given.ROLLCALL_DB,
    mail: given.ROLLCALL_MAIL,
    from: given.ROLLCALL_FROM,
    smtpUser: given.ROLLCALL_SMTP_USER,
    smtpPassword: given.ROLLCALL_SMTP_PASSWORD,
    smtpPasswordFile: given.ROLLCALL_SMTP_PASSWORD_FILE,
    sendRate: given.ROLLCALL_SEND_RATE,
    patience: given.ROLLCALL_PATIENCE,
    log: given.ROLLCALL_LOG,
    color: (given.NO_COLOR ?? '') === '',
  };
}

/** Names the variable, what was given (unless it is a secret) and what is allowed. */
function sentence(issue: z.core.$ZodIssue, environment: Readonly<Record<string, string | undefined>>): string {
  const name = String(issue.path[0]);
  const given = name.includes('PASSWORD') ? 'a value' : JSON.stringify(environment[name]);
  return `The environment variable ${name} is ${given}. ${issue.message}.`;
}
