import { UploadChanged, UploadMissing, UploadNotKept, UploadsUnavailable, UploadUnreadable } from '../../ports/upload-store.ts';

/** The parts of the SDK's errors that tell failures apart. */
interface SdkError extends Error {
  /** The system's code, such as `ECONNREFUSED`. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * The fact behind an error of a request for an object: what happened to it, and what the person can do. An error that is not
 * about the service (a defect) is answered as it is.
 * @param location of the object
 * @param permission what the request needs, such as `s3:GetObject`
 */
export function readingFact(error: unknown, location: string, permission: string): unknown {
  if (!(error instanceof Error)) return error;
  const cause: SdkError = error;
  const said = saidBy(cause);
  const status = cause.$metadata?.httpStatusCode;
  if (isPassing(cause)) return unavailable(cause, location);
  if (isAboutKey(cause)) {
    const hint = 'Enable the key, and allow kms:Decrypt on it in the role’s policy and in the key’s; then redrive the upload.';
    return new UploadUnreadable(`${location} is encrypted with a key that may not be used (${said}).`, { cause, hint });
  }
  if (cause.name === 'NoSuchBucket') {
    const hint = 'Check the bucket’s name (ROLLCALL_UPLOADS_BUCKET), its account and its region.';
    return new UploadMissing(`${location} is gone, and its bucket with it (${said}).`, { cause, hint });
  }
  if (status === 404 || status === 405) {
    return new UploadMissing(`There is no object ${location} (${said}).`, {
      cause,
      hint: 'It was deleted or expired: upload the file again.',
    });
  }
  if (status === 412) return changed(location, cause);
  if (cause.name === 'InvalidObjectState') {
    const hint = 'Restore it from the archive, or upload the file again.';
    return new UploadUnreadable(`${location} lies in an archive (${said}).`, { cause, hint });
  }
  if (status === 401 || status === 403) {
    const hint =
      `Allow ${permission} (and ${permission}Version where the bucket keeps versions) on the bucket in the role’s policy, ` +
      'and see that the bucket’s policy does not deny it. Without s3:ListBucket, S3 says the same of an object that is gone.';
    return new UploadUnreadable(`${location} may not be read (${said}).`, { cause, hint });
  }
  if (status === undefined) return error;
  return new UploadUnreadable(`${location} cannot be read (${said}).`, { cause, hint: 'See the message of S3.' });
}

/** The fact behind an error of a request that keeps something. */
export function keepingFact(error: unknown, location: string, permission: string): unknown {
  if (!(error instanceof Error)) return error;
  const cause: SdkError = error;
  if (isPassing(cause)) return unavailable(cause, location);
  if (cause.$metadata?.httpStatusCode === undefined) return error;
  const hint = isAboutKey(cause)
    ? 'Enable the bucket’s KMS key, and allow kms:GenerateDataKey and kms:Decrypt on it.'
    : cause.name === 'NoSuchBucket'
      ? 'Check the bucket’s name (ROLLCALL_UPLOADS_BUCKET), its account and its region.'
      : `Allow ${permission} on the bucket in the role’s policy, and see that the bucket’s policy does not deny it.`;
  return new UploadNotKept(`What comes in cannot be kept at ${location} (${saidBy(cause)}).`, { cause, hint });
}

/** What is there is not what was handed in. */
export function changed(location: string, cause?: unknown): UploadChanged {
  return new UploadChanged(`${location} is not what was uploaded: it was replaced since, or while it was read.`, {
    cause,
    hint: 'The new one is an upload of its own and imported by itself. Keep versions in the bucket, and replacing an object spoils no import.',
  });
}

/** Whether the object is not there: for those who do not need it. */
export function isGone(error: unknown): boolean {
  const status = (error as SdkError).$metadata?.httpStatusCode;
  return status === 404 || status === 405 || status === 412;
}

function unavailable(cause: SdkError, location: string): UploadsUnavailable {
  const throttled = isThrottled(cause);
  return new UploadsUnavailable(
    `S3 ${throttled ? 'asks for patience' : 'did not answer as it should'} about ${location} (${saidBy(cause)}).`,
    {
      cause,
      hint: throttled
        ? 'It is tried again by itself.'
        : 'It is tried again by itself. If it stays so, check the network, the region, the credentials and the endpoint (AWS_ENDPOINT_URL_S3).',
    },
  );
}

/** Whether it may go away by itself, or by mending what all uploads need: network, service, credentials. */
function isPassing(error: SdkError): boolean {
  const status = error.$metadata?.httpStatusCode ?? 0;
  return (
    status >= 500 ||
    isThrottled(error) ||
    /^(TimeoutError|RequestTimeout|RequestTimeTooSkewed|CredentialsProviderError|ExpiredToken|InvalidToken|TokenRefreshRequired)/.test(
      error.name,
    ) ||
    /^(InvalidAccessKeyId|SignatureDoesNotMatch|OperationAborted)/.test(error.name) ||
    /^(ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOST|ENET|CERT_|ERR_TLS|DEPTH_ZERO)/.test(error.code ?? '')
  );
}

function isThrottled({ name, $metadata }: SdkError): boolean {
  return /SlowDown|Throttl|TooManyRequests|RequestLimitExceeded/.test(name) || $metadata?.httpStatusCode === 429;
}

/** KMS answers through S3: by its own codes, or as AccessDenied with its action in the message. */
function isAboutKey({ name, message }: SdkError): boolean {
  return /^KMS/i.test(name) || /\bkms:/i.test(message);
}

function saidBy({ name, message }: SdkError): string {
  return message === '' || message === name ? name : `${name}: ${message}`;
}
