import type { PortError } from '../../ports/vocabulary.ts';

type Unavailable = new (message: string, options: { readonly cause?: unknown; readonly hint?: string }) => PortError;

/**
 * One statement, key or transaction of several was refused: named by DynamoDB's code for it
 * (docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html).
 */
export class PartRefused extends Error {
  constructor(code: string, message: string) {
    super(message);
    this.name = code;
  }
}

/**
 * Runs `work`, and raises what DynamoDB or the way to it raises as a failure of the port, with what the person can do. An error of
 * another kind (a request that DynamoDB finds wrong) goes through as it is: trying it again would not help.
 */
export async function raising<T>(Unavailable: Unavailable, table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = explained(error, table);
    if (!failure) throw error;
    throw new Unavailable(failure.what, { cause: error, hint: failure.hint });
  }
}

/** Whether DynamoDB refuses a part of a request only for now: it is throttled, at odds with another transaction, or out of order itself. */
export function isPassing(code: string | undefined): boolean {
  return code !== undefined && (throttled.has(plain(code)) || conflicts.has(plain(code)) || broken.has(plain(code)));
}

interface Explanation {
  readonly what: string;
  readonly hint: string;
}

/** What an error means to a person; nothing where it is not about access, throttling or the way to DynamoDB. */
function explained(error: unknown, table: string): Explanation | undefined {
  if (!(error instanceof Error)) return undefined;
  const name = plain(error.name);
  const said = `(${error.name}: ${error.message})`;
  if (denied.has(name)) {
    const action = /perform: (\S+)/.exec(error.message)?.[1] ?? 'dynamodb:* as src/adapters/dynamodb/tables.ts lists them';
    return {
      what: `DynamoDB denies access to the table ${table} ${said}.`,
      hint: `Allow ${action} on the table in the role of whoever calls it.`,
    };
  }
  if (unknownCaller.has(name)) {
    return {
      what: `DynamoDB does not accept the credentials for the table ${table} ${said}.`,
      hint: 'Set credentials that are valid and not expired, and look whether the clock of this machine is right.',
    };
  }
  if (name === 'ResourceNotFound') {
    return {
      what: `DynamoDB has no table ${table} ${said}.`,
      hint: 'Create it (terraform apply), or correct the name of the table and the region.',
    };
  }
  if (conflicts.has(name)) {
    return {
      what: `Too many write to one item of the table ${table} at once ${said}.`,
      hint: 'It is tried again; if it lasts, let fewer run at once.',
    };
  }
  if (throttled.has(name)) {
    return {
      what: `DynamoDB throttles the table ${table} ${said}.`,
      hint: 'It is tried again; if it lasts, raise the capacity of the table or of the account.',
    };
  }
  if (broken.has(name) || isFaultOfService(error)) {
    return {
      what: `DynamoDB did not answer for the table ${table} ${said}.`,
      hint: 'It is tried again; if it lasts, look at the network, the endpoint and the region.',
    };
  }
  return undefined;
}

/** Requests and parts of requests name the same things with and without these endings. */
function plain(name: string): string {
  return name.replace(/(Exception|Error)$/, '');
}

const denied = new Set(['AccessDenied', 'NotAuthorized']);
const unknownCaller = new Set([
  'UnrecognizedClient',
  'ExpiredToken',
  'InvalidSignature',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'InvalidClientTokenId',
  'CredentialsProvider',
  'TokenProvider',
]);
const conflicts = new Set(['TransactionConflict', 'TransactionInProgress']);
const throttled = new Set([
  'ProvisionedThroughputExceeded',
  'Throttling',
  'ThrottledRequest',
  'RequestLimitExceeded',
  'LimitExceeded',
  'TooManyRequests',
]);
const broken = new Set(['InternalServer', 'InternalFailure', 'ServiceUnavailable', 'Timeout', 'RequestTimeout']);
const noWay = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH']);

function isFaultOfService(error: Error): boolean {
  const status = '$metadata' in error ? (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode : undefined;
  return noWay.has(codeOf(error) ?? '') || (status !== undefined && status >= 500);
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
