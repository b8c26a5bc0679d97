import * as z from 'zod';

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

const between = (least: number, most: number) =>
  z
    .string(`a number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `a number from ${least} to ${most}`);

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
export function readConfig(environment: Environment = process.env): Config {
  const set = onlySet(environment);
  const read = variables.safeParse(set);
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => faultOf(String(path[0]), set[String(path[0])], message));
    throw new ConfigInvalid(faults.join('\n'));
  }
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

/** Where the world on AWS is, and how its functions run. */
export interface AwsConfig {
  readonly uploadsBucket: string;
  readonly uploadsQueue: string;
  readonly recordsQueue: string;
  readonly welcomesQueue: string;
  readonly uploadsDeadLetters: string;
  readonly recordsDeadLetters: string;
  readonly welcomesDeadLetters: string;
  readonly usersTable: string;
  readonly importsTable: string;
  readonly welcomesTable: string;
  /** Whom the welcomes come from: `Name <address>` or an address alone. */
  readonly from: string;
  readonly configurationSet: string;
  /** How long process-csv reads before it continues itself. */
  readonly legSeconds: number;
}

const name = z.string('a name').regex(/^[\w.-]+$/, 'a name of letters, digits, dots, hyphens and underscores');
const queueUrl = z
  .string('the URL of a queue')
  .regex(/^https?:\/\/[^/\s]+\/\S+$/, 'the URL of a queue, such as https://sqs.REGION.amazonaws.com/ACCOUNT/NAME');
const sender = z
  .string('an address')
  .regex(
    /^([^<>@]+ )?<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$/,
    'an address, such as welcome@example.com or Example <welcome@example.com>',
  );

/** The variable behind each setting, and what is allowed. */
const aws = {
  uploadsBucket: ['ROLLCALL_UPLOADS_BUCKET', name],
  uploadsQueue: ['ROLLCALL_UPLOADS_QUEUE_URL', queueUrl],
  recordsQueue: ['ROLLCALL_RECORDS_QUEUE_URL', queueUrl],
  welcomesQueue: ['ROLLCALL_WELCOMES_QUEUE_URL', queueUrl],
  uploadsDeadLetters: ['ROLLCALL_UPLOADS_DEAD_LETTERS_URL', queueUrl],
  recordsDeadLetters: ['ROLLCALL_RECORDS_DEAD_LETTERS_URL', queueUrl],
  welcomesDeadLetters: ['ROLLCALL_WELCOMES_DEAD_LETTERS_URL', queueUrl],
  usersTable: ['ROLLCALL_USERS_TABLE', name],
  importsTable: ['ROLLCALL_IMPORTS_TABLE', name],
  welcomesTable: ['ROLLCALL_WELCOMES_TABLE', name],
  from: ['ROLLCALL_FROM', sender],
  configurationSet: ['ROLLCALL_SES_CONFIGURATION_SET', name],
  legSeconds: ['ROLLCALL_LEG_SECONDS', between(1, 120)],
} as const satisfies Readonly<Record<keyof AwsConfig, readonly [string, z.ZodType]>>;

/** The names of settings of the world on AWS. */
export type AwsSetting = keyof AwsConfig;

/** Where everything of a stack lies. */
export const stackPlaces = [
  'uploadsBucket',
  'uploadsQueue',
  'recordsQueue',
  'welcomesQueue',
  'uploadsDeadLetters',
  'recordsDeadLetters',
  'welcomesDeadLetters',
  'usersTable',
  'importsTable',
  'welcomesTable',
] as const satisfies readonly AwsSetting[];

/** What each function has to be told: it is given these variables, and ROLLCALL_LOG. */
export const functionSettings = {
  'process-csv': ['uploadsBucket', 'uploadsQueue', 'recordsQueue', 'uploadsDeadLetters', 'importsTable', 'legSeconds'],
  'insert-records': ['recordsDeadLetters', 'usersTable', 'importsTable'],
  announce: ['welcomesQueue'],
  'send-email': ['welcomesQueue', 'welcomesDeadLetters', 'importsTable', 'welcomesTable', 'from', 'configurationSet'],
  sweep: ['welcomesQueue', 'usersTable', 'importsTable', 'welcomesTable'],
  'generate-users': ['recordsQueue', 'importsTable'],
  http: stackPlaces,
} as const satisfies Readonly<Record<string, readonly AwsSetting[]>>;

/** The functions on AWS: the stages, what makes users for trials, and what answers requests. */
export type FunctionName = keyof typeof functionSettings;

/** What a function is told. */
export type FunctionConfig<F extends FunctionName> = Pick<AwsConfig, (typeof functionSettings)[F][number]>;

/** The variable of a setting. */
export function variableOf(setting: AwsSetting): string {
  return aws[setting][0];
}

/** Reads those settings of the world on AWS that are asked for; every one must be there. @throws ConfigInvalid */
export function readAwsConfig<K extends AwsSetting>(settings: readonly K[], environment: Environment = process.env): Pick<AwsConfig, K> {
  const set = onlySet(environment);
  const faults: string[] = [];
  const read: Partial<Record<AwsSetting, unknown>> = {};
  for (const setting of settings) {
    const [variable, schema] = aws[setting];
    const value = schema.safeParse(set[variable]);
    if (value.success) read[setting] = value.data;
    else faults.push(faultOf(variable, set[variable], value.error.issues[0]?.message ?? ''));
  }
  if (faults.length > 0) throw new ConfigInvalid(faults.join('\n'));
  return read as Pick<AwsConfig, K>;
}

/** Whether the environment says anything of these settings. */
export function isAnyAwsSet(settings: readonly AwsSetting[], environment: Environment = process.env): boolean {
  const set = onlySet(environment);
  return settings.some((setting) => set[variableOf(setting)] !== undefined);
}

/**
 * Has every client of the SDK that is made from now on use this region, for a stack is in one; the SDK's own choice where none is known. Which
 * versions of Node this program runs on is for its package to say: the SDK's warning to its developers is no news for people.
 */
export function prepareSdk(region: string | undefined): void {
  if (region !== undefined) process.env['AWS_REGION'] = region;
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
}

/** How a function logs, and under which name. */
export interface FunctionLog {
  readonly level: Config['log'];
  /** The function's whole name, which tells the environment, too. */
  readonly service: string;
}

/** Lambda tells a function its name (Lambda Developer Guide, "Defined runtime environment variables"). @throws ConfigInvalid */
export function readFunctionLog(stage: FunctionName, environment: Environment = process.env): FunctionLog {
  const { ROLLCALL_LOG: level, AWS_LAMBDA_FUNCTION_NAME: service = `rollcall-${stage}` } = onlySet(environment);
  const read = variables.shape.ROLLCALL_LOG.safeParse(level);
  if (!read.success) throw new ConfigInvalid(faultOf('ROLLCALL_LOG', level, read.error.issues[0]?.message ?? ''));
  return { level: read.data ?? 'info', service };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is empty counts as not set. */
function onlySet(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}

/** Names the variable, what was given (unless it is a secret) and what is allowed. */
function faultOf(variable: string, given: string | undefined, allowed: string): string {
  if (given === undefined) return `The environment variable ${variable} is not set; it must be ${allowed}.`;
  return `The environment variable ${variable} is ${/PASSWORD|TOKEN/.test(variable) ? 'a value' : JSON.stringify(given)}; it must be ${allowed}.`;
}
