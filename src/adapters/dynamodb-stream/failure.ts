import { DirectoryUnavailable } from '../../ports/user-directory.ts';

/** The part of the SDK's errors that tells failures apart. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * Runs `work`, and raises what DynamoDB, its streams or the way to them raise as DirectoryUnavailable. An error of another kind goes
 * through as it is.
 * @param table the table whose stream is read, or whose items keep the place in it
 */
export async function raising<T>(table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const found = error instanceof Error ? explained(error, table) : undefined;
    if (!found) throw error;
    throw new DirectoryUnavailable(found.what, { cause: error, hint: found.hint });
  }
}

/** Whether it is this error of DynamoDB. Told by the name, for there may be several copies of the SDK in a process. */
export function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

function explained(error: SdkError, table: string): { readonly what: string; readonly hint: string } | undefined {
  const { name, message } = error;
  const said = `(${name}: ${message})`;
  const status = error.$metadata?.httpStatusCode;
  if (/^(AccessDenied|NotAuthorized)/.test(name)) {
    const action = /perform: (\S+)/.exec(message)?.[1] ?? 'DescribeStream, GetShardIterator and GetRecords on the stream';
    return {
      what: `Access to the table ${table} or to its stream is denied ${said}.`,
      hint: `Allow ${action} in the role of whoever reads it.`,
    };
  }
  if (/^(UnrecognizedClient|ExpiredToken|InvalidSignature|MissingAuthentication|InvalidClientTokenId|CredentialsProvider)/.test(name)) {
    return {
      what: `DynamoDB does not accept the credentials for the table ${table} ${said}.`,
      hint: 'Set credentials that are valid and not expired, and look whether the clock of this machine is right.',
    };
  }
  if (/^ResourceNotFound/.test(name)) {
    return {
      what: `There is no table ${table}, or no stream of it ${said}.`,
      hint: 'Create it (terraform apply), or correct the name of the table and the region.',
    };
  }
  if (/^(LimitExceeded|Throttling|ThrottledRequest|ProvisionedThroughputExceeded|RequestLimitExceeded|TooManyRequests)/.test(name)) {
    return {
      what: `The stream of the table ${table} is throttled ${said}.`,
      hint: 'It is tried again. At most two may read one shard at once: stop other workers, or the function that reads the stream.',
    };
  }
  if (/^(ExpiredIterator|TrimmedDataAccess)/.test(name)) {
    return {
      what: `Reading the stream of the table ${table} took too long ${said}.`,
      hint: 'It is read again; whom it lost the sweep finds.',
    };
  }
  if (/^(InternalServer|ServiceUnavailable|Timeout|RequestTimeout)/.test(name) || isNoWay(error.code) || (status ?? 0) >= 500) {
    return {
      what: `DynamoDB did not answer for the table ${table} ${said}.`,
      hint: 'It is tried again; if it lasts, look at the network, the endpoint and the region.',
    };
  }
  return undefined;
}

function isNoWay(code: unknown): boolean {
  return typeof code === 'string' && /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOST|ENET)/.test(code);
}
