import { QueueUnavailable } from '../../ports/message-queue.ts';

/** The parts of the SDK's errors that tell failures apart. */
interface SdkError extends Error {
  /** The system's code, such as `ECONNREFUSED`. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * The fact behind an error of the SDK: what happened at which queue, and what the person can do. An error that is not about the
 * service (a defect) is answered as it is.
 * @param permission what the request needs, such as `sqs:SendMessage`
 */
export function asFact(error: unknown, queueUrl: string, permission: string): unknown {
  if (!(error instanceof Error)) return error;
  const found = explain(error, queueUrl, permission);
  if (!found) return error;
  return new QueueUnavailable(`The queue ${queueUrl} ${found.what} (${error.name}: ${error.message}).`, { cause: error, hint: found.hint });
}

/** Whether SQS itself answered that it did not do it: then nothing was done. */
export function isAnswered(error: unknown): boolean {
  const status = (error as SdkError).$metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}

interface Explanation {
  readonly what: string;
  readonly hint: string;
}

function explain(error: SdkError, queueUrl: string, permission: string): Explanation | undefined {
  const name = error.name.replace(/^.*[#.]/, '');
  const status = error.$metadata?.httpStatusCode;
  if (/^(AccessDenied|AuthorizationError|NotAuthorized)/.test(name)) {
    return {
      what: 'may not be used',
      hint: `Allow ${permission} on ${queueUrl} in the role’s policy, and in the queue’s own policy if it has one.`,
    };
  }
  if (/^Kms/i.test(name) && !/Throttl/.test(name)) {
    return {
      what: 'cannot use its KMS key',
      hint: 'Enable the key, and allow kms:Decrypt and kms:GenerateDataKey on it in the role’s policy and in the key’s.',
    };
  }
  if (/^(QueueDoesNotExist|NonExistentQueue|InvalidAddress|QueueDeletedRecently)/.test(name)) {
    return { what: 'does not exist', hint: 'Check the queue’s URL in the environment (ROLLCALL_…_URL), its account and its region.' };
  }
  if (/Throttl|TooManyRequests|OverLimit|SlowDown/.test(name) || status === 429) {
    return {
      what: 'asks for patience',
      hint: 'It is tried again by itself. If it stays so, ask for a higher quota, or use fewer senders.',
    };
  }
  if (
    /Credentials|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|MissingAuthenticationToken/.test(
      name,
    )
  ) {
    return { what: 'does not know who asks', hint: 'Check the AWS credentials, their region and the machine’s clock.' };
  }
  if (name === 'TimeoutError' || isNetwork(error)) {
    return {
      what: 'did not answer',
      hint: 'Check the network, the region and the endpoint (AWS_ENDPOINT_URL_SQS); it is tried again by itself.',
    };
  }
  if (status !== undefined && status >= 500)
    return { what: 'has a failure', hint: 'It is tried again by itself. health.aws.amazon.com tells of outages.' };
  return status === undefined ? undefined : { what: 'refused the request', hint: 'See the message of SQS.' };
}

function isNetwork({ code }: SdkError): boolean {
  return /^(ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOST|ENET|CERT_|ERR_TLS|DEPTH_ZERO)/.test(code ?? '');
}
