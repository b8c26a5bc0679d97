import { SESServiceException } from '@aws-sdk/client-ses';
import { MailPaused, MailRefused, MailUnavailable, MailUncertain, type Envelope } from '../../ports/mailer.ts';
import type { Stage } from './handover.ts';

type MailFailure = MailRefused | MailUnavailable | MailPaused | MailUncertain;

/**
 * The fact behind an error of a send: what is known about the message, and what the person can do.
 *
 * SES answers an error where it does not send (SES Developer Guide, "Amazon SES email sending errors"); only of a 5xx, and of an answer
 * that is missing or cannot be read, nobody knows whether the message was taken before.
 */
export function failureOf(error: unknown, stage: Stage, envelope: Pick<Envelope, 'from' | 'to'>): MailFailure {
  const answer = answerOf(error);
  if (!answer) return stage === 'handing-over' ? unanswered(error) : unreachable(error, stage);
  const { code, text, status } = answer;
  const options = { cause: error };
  if (code === 'Throttling') {
    // No attempt of the message: it would count against it that something else sends much.
    return /daily|24.?hour/i.test(text)
      ? new MailPaused(`SES takes no more mail today: ${text}`, { ...options, hint: dailyHint })
      : new MailPaused(`SES takes no mail at this rate: ${text}`, { ...options, hint: rateHint });
  }
  if (status >= 500 || status === 408) {
    return new MailUncertain(`SES failed while it had the message: ${text}`, { ...options, hint: uncertainHint });
  }
  const pause = pausing[code];
  if (pause) return new MailPaused(`SES takes no mail from this account: ${text}`, { ...options, hint: pause });
  if (isUnverified(code, text)) return unverified(text, envelope, error);
  if (code === 'MessageRejected' && /\b(sending|account)\b/i.test(text) && /\b(paused|suspended|disabled|shut down)\b/i.test(text)) {
    return new MailPaused(`SES takes no mail from this account: ${text}`, { ...options, hint: pausedHint });
  }
  if (refusing.has(code)) {
    return new MailRefused(`SES refused the message: ${text}`, { ...options, hint: 'Trying again will not help until this is mended.' });
  }
  return new MailUnavailable(`SES did not take the message: ${text}`, { ...options, hint: 'It is tried again later.' });
}

/** The fact behind an error of GetSendQuota: without a quota nothing can be sent. */
export function quotaFailureOf(error: unknown): MailPaused {
  const answer = answerOf(error);
  if (!answer) return new MailPaused(`SES did not tell its quota: ${textOf(error)}`, { cause: error, hint: reachHint(error) });
  return new MailPaused(`SES did not tell its quota: ${answer.text}`, {
    cause: error,
    hint: pausing[answer.code] ?? 'It is asked again later.',
  });
}

/** Whether SES turned a request away for its rate alone: it can be made again in a moment. */
export function isRateThrottling(error: unknown): boolean {
  const answer = answerOf(error);
  return answer?.code === 'Throttling' && !/daily|24.?hour/i.test(answer.text);
}

/** What SES answered, with one name for codes that mean the same. */
function answerOf(error: unknown): { readonly code: string; readonly text: string; readonly status: number } | undefined {
  if (!(error instanceof SESServiceException)) return undefined;
  // The query protocol's codes and the SDK's classes differ by this ending.
  const code = error.name.replace(/Exception$/, '');
  return {
    code: throttling.has(code) ? 'Throttling' : code,
    text: `${error.message || 'no reason given'} (${code})`,
    status: error.$metadata.httpStatusCode ?? 500,
  };
}

/** https://docs.aws.amazon.com/ses/latest/APIReference/CommonErrors.html, and what other services say. */
const throttling = new Set(['Throttling', 'ThrottledRequest', 'TooManyRequests', 'RequestLimitExceeded', 'RequestThrottled', 'SlowDown']);

const credentialsHint = 'The credentials are wrong or have expired. Renew them; nothing was sent.';
const permissionHint =
  'Allow ses:SendRawEmail and ses:GetSendQuota to this function or user, for the identity of the sender and for the configuration set.';
const pausedHint = 'Look at the account dashboard of SES for the reason, and have sending enabled again. The welcomes wait.';
const dailyHint = 'The welcomes wait and go on as the last 24 hours pass. A higher quota can be asked for in Service Quotas.';
const rateHint =
  'Something else sends from this account, or welcomes that had missed their turns go out at once. They wait a little and go on by themselves.';
const uncertainHint = 'It may have been sent. The events of the configuration set tell, by the tag user-id.';

/** Codes that stop all mail of the account, and what to do. */
const pausing: Readonly<Record<string, string>> = {
  AccountSendingPaused: pausedHint,
  ConfigurationSetSendingPaused: 'Enable sending for the configuration set again. The welcomes wait.',
  ConfigurationSetDoesNotExist: 'Create the configuration set that ROLLCALL_SES_CONFIGURATION_SET names, in this region.',
  MailFromDomainNotVerified:
    'SES cannot read the MX record of the custom MAIL FROM domain. Mend it in DNS, or use the default MAIL FROM domain.',
  ProductionAccessNotGranted: 'The account is in the sandbox of SES. Ask for production access.',
  AccessDenied: permissionHint,
  NotAuthorized: permissionHint,
  UnauthorizedOperation: permissionHint,
  OptInRequired: 'The account has not signed up for SES. Open its console once.',
  ExpiredToken: credentialsHint,
  InvalidClientTokenId: credentialsHint,
  InvalidAccessKeyId: credentialsHint,
  UnrecognizedClient: credentialsHint,
  AuthFailure: credentialsHint,
  MissingAuthenticationToken: credentialsHint,
  IncompleteSignature: credentialsHint,
  SignatureDoesNotMatch: `${credentialsHint} Check the clock of this machine, too.`,
  InvalidSignature: `${credentialsHint} Check the clock of this machine, too.`,
  RequestExpired: 'Check the clock of this machine: SES takes no request that is signed 15 minutes off.',
};

/** Codes that speak of the message, its addresses or its tags. */
const refusing = new Set(['MessageRejected', 'InvalidParameterValue', 'InvalidParameterCombination', 'Validation', 'ValidationError']);

function isUnverified(code: string, text: string): boolean {
  return code === 'FromEmailAddressNotVerified' || (code === 'MessageRejected' && /not verified/i.test(text));
}

/** SES names the identities that failed; an account in the sandbox needs recipients verified as well. */
function unverified(text: string, { from, to }: Pick<Envelope, 'from' | 'to'>, cause: unknown): MailPaused {
  const named = text.toLowerCase();
  if (named.includes(to.toLowerCase()) && !named.includes(from.toLowerCase())) {
    return new MailPaused(`SES sends to verified recipients only: ${text}`, {
      cause,
      hint: 'The account is in the sandbox of SES. Ask for production access, or verify the recipient for a trial. The welcomes wait.',
    });
  }
  return new MailPaused(`SES does not know the sender: ${text}`, {
    cause,
    hint: `Verify ${from} or its domain in SES, in this region, or set ROLLCALL_FROM to an address that is. The welcomes wait.`,
  });
}

function unanswered(cause: unknown): MailUncertain {
  return new MailUncertain(`SES was given the message and did not say whether it keeps it: ${textOf(cause)}`, {
    cause,
    hint: uncertainHint,
  });
}

function unreachable(cause: unknown, stage: Stage): MailPaused {
  const what = stage === 'preparing' ? 'The request to SES could not be made' : 'SES cannot be reached';
  return new MailPaused(`${what}: ${textOf(cause)}`, { cause, hint: reachHint(cause) });
}

function reachHint(cause: unknown): string {
  const { name, code } = (cause ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return 'Give the process AWS credentials. Nothing was sent.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'Check the region and the endpoint: the host name is not known. Nothing was sent.';
  return 'Check region, endpoint and network; a function in a VPC needs a way out (NAT or an endpoint). Nothing was sent.';
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'it did not come to an end in time';
  // Errors of several addresses tried come without a message of their own.
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}
