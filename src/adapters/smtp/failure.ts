import { MailPaused, MailRefused, MailUnavailable, MailUncertain } from '../../ports/mailer.ts';

/** What a delivery had come to when it failed. */
export type Stage =
  /** No session with the server yet: waiting, connecting, securing, logging in. */
  | 'connecting'
  /** The session stands; sender and recipient are being told. */
  | 'addressing'
  /** The server asked for the message and it has begun to flow. */
  | 'handing-over';

/** The parts of nodemailer's errors that tell failures apart. */
interface SmtpError extends Error {
  /** `EENVELOPE` for 450 and 550 alike, `ECONNECTION` for a connection closed at any time: never enough by itself. */
  readonly code?: string;
  /** The system's code, such as `ECONNREFUSED`. */
  readonly originalCode?: string;
  /** The server's reply and its number (RFC 5321 4.2). */
  readonly response?: string;
  readonly responseCode?: number;
  /** The command that was answered, or `CONN` where the connection itself failed, or `API` where nothing was sent. */
  readonly command?: string;
}

type MailFailure = MailRefused | MailUnavailable | MailPaused | MailUncertain;

/** The fact behind an error of the pool: what is known about the message, and what the person can do. `server` is `host:port`. */
export function failureOf(error: Error, stage: Stage, server: string): MailFailure {
  const cause: SmtpError = error;
  const what = cause.code === 'EABORT' ? 'it did not come to an end in time' : plain(cause.message);
  const reply = cause.response?.replace(/\s+/g, ' ').trim();
  const status = cause.responseCode;
  if (stage === 'handing-over') {
    // A reply to DATA is an answer for this message; anything else, and the answer is missing.
    return status !== undefined && reply !== undefined && cause.code === 'EMESSAGE'
      ? answered(server, 'the message', status, reply, cause)
      : new MailUncertain(`${server} took the message and did not say whether it keeps it: ${what}`, {
          cause,
          hint: 'It may have been delivered. Whether it was, the log of the mail server tells.',
        });
  }
  if (status === undefined || reply === undefined) return unanswered(cause, what, stage, server);
  if (sessionEnds.has(status)) {
    return new MailPaused(`${server} takes no mail now: ${reply}`, { cause, hint: sessionHint(status) });
  }
  switch (cause.command) {
    case 'RCPT TO':
      return answered(server, 'the recipient', status, reply, cause);
    case 'DATA':
      return answered(server, 'the message', status, reply, cause);
    case 'MAIL FROM':
      return new MailPaused(`${server} refused the sender: ${reply}`, {
        cause,
        hint: 'Nothing was sent. Use a sender address (--from) that this server sends mail for, or log in.',
      });
    default:
      return new MailPaused(`${server} refused the session: ${reply}`, { cause, hint: connectionHint(cause, server) });
  }
}

/** OpenSSL's errors by their reason alone, as in `80AC…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:….c:350:`. */
function plain(message: string): string {
  return /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? message;
}

/** 421: the server is closing. 454, 530, 534, 535, 538: it wants TLS or a login first, or not this one (RFC 3207, RFC 4954). */
const sessionEnds = new Set([421, 454, 530, 534, 535, 538]);

function sessionHint(status: number): string {
  return status === 421
    ? 'The server asks to come back later.'
    : 'Check the user name and the password for this server, and whether it wants TLS (smtps://).';
}

function answered(server: string, what: string, status: number, reply: string, cause: Error): MailRefused | MailUnavailable {
  // RFC 5321 4.2.1: 5yz is for good, 4yz for now. 503 tells of the session, not of the message.
  if (status >= 500 && status !== 503) {
    return new MailRefused(`${server} refused ${what}: ${reply}`, { cause, hint: 'Trying again will not help until this is mended.' });
  }
  return new MailUnavailable(`${server} did not take ${what} now: ${reply}`, { cause, hint: 'It is tried again later.' });
}

function unanswered(cause: SmtpError, what: string, stage: Stage, server: string): MailFailure {
  if (cause.command === 'API' && cause.code === 'EENVELOPE') {
    return new MailRefused(`The address cannot be put to ${server}: ${cause.message}`, { cause, hint: 'Correct the address.' });
  }
  // Once a session stood, it may be this very message that the server chokes on: it must not hold up all the others.
  return stage === 'addressing' && !neverConnected.has(cause.code ?? '')
    ? new MailUnavailable(`${server} broke off before it was given the message: ${what}`, { cause, hint: 'It is tried again later.' })
    : new MailPaused(`${server} cannot be used: ${what}`, { cause, hint: connectionHint(cause, server) });
}

const neverConnected = new Set(['EDNS', 'ETLS', 'EAUTH']);

function connectionHint(cause: SmtpError, server: string): string {
  if (cause.code === 'EDNS') return `Check the host name: ${server} is not known.`;
  if (cause.code === 'EAUTH') return 'Check the user name and the password for this server.';
  if (cause.code === 'ETLS' || /certificate|ssl|tls/i.test(cause.message)) {
    return 'Check that the server speaks TLS on this port and that its certificate is valid for this host name. NODE_EXTRA_CA_CERTS names further authorities.';
  }
  if (cause.originalCode === 'ECONNREFUSED') return 'Nothing listens there. Check host and port, and that the mail server runs.';
  return 'Check host, port and network, and whether the port wants TLS from the start (smtps://).';
}
