import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SESClient, type SESClientConfig } from '@aws-sdk/client-ses';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryRandom } from '../../../src/adapters/memory/random.ts';
import { SesMailer, type SesOptions } from '../../../src/adapters/ses/mailer.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { MailPaused, MailRefused, MailUnavailable, MailUncertain } from '../../../src/ports/mailer.ts';
import type { PortError } from '../../../src/ports/vocabulary.ts';
import { mailerContract, type MailerAnswer } from '../../contracts/mailer.contract.ts';
import { selfSigned } from '../smtp/server.ts';
import { SesDouble, sesErrors, type SesAnswer } from './double.ts';

const envelope = { from: 'welcome@example.com', to: 'ann@example.org', userId: '0f9a' };
const message = Buffer.from('Subject: Hello\r\n\r\nHello\r\n');

/** How SES answers; an error that it is not known to give is the one that speaks of nothing but this message, now. */
const answers: Readonly<Record<MailerAnswer, SesAnswer>> = {
  take: 'take',
  refuse: { status: 400, code: 'MessageRejected', message: 'Address blacklisted.' },
  'be unavailable': { status: 400, code: 'SomethingNew', message: 'Come back later.' },
  pause: sesErrors.accountPaused,
  'be uncertain': 'lose-answer',
};

mailerContract(
  'ses',
  async () => {
    const double = await SesDouble.start();
    return {
      mailer: new SesMailer({ client: clientOf(double), clock: new HurriedClock(), random: new MemoryRandom(1) }),
      taken: async () => double.taken.map(({ bytes }) => bytes),
      envelopes: async () => double.taken.map(({ from, to }) => ({ from, to: to.join() })),
      answer: async (how) => {
        double.answer = () => answers[how];
      },
      close: () => double.close(),
    };
  },
  {},
);

describe('SesMailer', () => {
  let double: SesDouble;
  let clock: HurriedClock;
  const opened: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    double = await SesDouble.start();
    clock = new HurriedClock();
    opened.push(double);
  });

  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) await thing.close();
  });

  const mailer = (options: Partial<SesOptions> = {}, config: SESClientConfig = {}): SesMailer => {
    const made = new SesMailer({ client: clientOf(double, config), clock, random: new MemoryRandom(1), ...options });
    opened.push(made);
    return made;
  };

  test('tags a message with its user, and names the configuration set', async () => {
    await mailer({ configurationSet: 'rollcall-test' }).send(envelope, message);
    expect(double.taken).toEqual([
      { from: envelope.from, to: [envelope.to], bytes: message, tags: { 'user-id': '0f9a' }, configurationSet: 'rollcall-test' },
    ]);
  });

  test('allows a send longer than its time-out', () => {
    expect(mailer({ timeoutMs: 1_000 }).sendTimeoutMs).toBeGreaterThan(1_000);
  });

  test('sends bytes that are no text, and a message of megabytes', async () => {
    const bytes = Buffer.alloc(3_000_000, Buffer.from([0, 255, 38, 61, 43]));
    await mailer().send(envelope, bytes);
    expect(double.taken[0]?.bytes.equals(bytes)).toBe(true);
  });

  test('uses its connections again while they are fresh', async () => {
    const sender = mailer();
    for (let n = 0; n < 5; n += 1) {
      await sender.send(envelope, message);
      clock.time += 5_000;
    }
    expect([double.taken.length, double.connections]).toEqual([5, 1]);
    clock.time += 1;
    await sender.send(envelope, message);
    expect([double.taken.length, double.connections]).toEqual([6, 2]);
  });

  test('takes no connection away from a request under way', async () => {
    const sender = mailer();
    let goOn: () => void = () => undefined;
    const held = new Promise<SesAnswer>((resolve) => (goOn = () => resolve('take')));
    const asked = new Promise<void>((resolve) => {
      double.answer = (_, nth) => {
        if (nth === 1) resolve();
        return nth === 1 ? held : 'take';
      };
    });
    const first = sender.send(envelope, message);
    await asked;
    clock.time += 60_000;
    await sender.send(envelope, message);
    goOn();
    await first;
    expect(double.taken).toHaveLength(2);
  });

  test('close waits for what is under way, and ends sending', async () => {
    const sender = mailer();
    const sending = sender.send(envelope, message);
    await sender.close();
    expect(double.taken).toHaveLength(1);
    await sending;
    expect(await failureOf(sender)).toBeInstanceOf(MailPaused);
  });

  describe('an answer', () => {
    const error = (code: string, text: string, status = 400): SesAnswer => ({ status, code, message: text });
    test.each<[string, SesAnswer, new (text: string) => PortError, RegExp, RegExp]>([
      ['a refused message', error('MessageRejected', 'Transaction failed.'), MailRefused, /refused.*Transaction failed/, /mended/],
      ['an illegal address', sesErrors.illegalAddress, MailRefused, /Illegal address/, /mended/],
      ['an unverified sender', sesErrors.notVerified('welcome@example.com'), MailPaused, /sender/, /Verify welcome@example.com/],
      ['an unverified domain', sesErrors.notVerified('example.com'), MailPaused, /sender/, /ROLLCALL_FROM/],
      ['both unverified', sesErrors.notVerified('Welcome@example.com', 'ann@example.org'), MailPaused, /sender/, /Verify/],
      ['the sandbox', sesErrors.notVerified('Ann@example.org'), MailPaused, /verified recipients only/, /production access/],
      ['an unread MAIL FROM domain', error('MailFromDomainNotVerifiedException', 'no MX'), MailPaused, /no MX/, /MX record/],
      ['a paused account', sesErrors.accountPaused, MailPaused, /Sending paused/, /dashboard/],
      ['a paused account, rejected', error('MessageRejected', 'Sending suspended for this account.'), MailPaused, /suspended/, /dashboard/],
      ['a paused configuration set', error('ConfigurationSetSendingPausedException', 'off'), MailPaused, /off/, /configuration set/],
      ['no such configuration set', error('ConfigurationSetDoesNotExist', 'none'), MailPaused, /none/, /ROLLCALL_SES_CONFIGURATION_SET/],
      ['an exhausted quota', sesErrors.dailyQuota, MailPaused, /no more mail today/, /24 hours/],
      ['a rate that is kept up', sesErrors.tooFast, MailPaused, /at this rate/, /missed their turns/],
      ['a rate, as an outage', { status: 503, code: 'SlowDown', message: 'less' }, MailPaused, /at this rate: less/, /wait/],
      ['a recipient, by name', error('MessageRejected', 'Address paused@example.org is blacklisted.'), MailRefused, /refused/, /mended/],
      ['no permission', sesErrors.accessDenied, MailPaused, /not authorized/, /ses:SendRawEmail/],
      ['an expired token', error('ExpiredToken', 'expired', 403), MailPaused, /expired/, /Renew/],
      ['a clock that is off', error('RequestExpired', 'too old'), MailPaused, /too old/, /clock/],
      ['an error that is not known', error('SomethingNew', 'who knows'), MailUnavailable, /who knows \(SomethingNew\)/, /again later/],
      ['an internal error', sesErrors.internal, MailUncertain, /InternalFailure/, /user-id/],
      ['an outage', error('ServiceUnavailable', 'down', 503), MailUncertain, /down/, /user-id/],
    ])('of %s', async (_, answer, fact, text, hint) => {
      double.answer = () => answer;
      const failure = await failureOf(mailer());
      expect(failure).toBeInstanceOf(fact);
      expect(failure.message).toMatch(text);
      expect(failure.hint).toMatch(hint);
      expect(failure.cause).toBeInstanceOf(Error);
      expect(double.taken).toEqual([]);
    });

    test('to a request that is signed with another key pauses', async () => {
      const wrong = { ...double.credentials, secretAccessKey: 'another' };
      const failure = await failureOf(mailer({}, { credentials: wrong }));
      expect(failure).toBeInstanceOf(MailPaused);
      expect(failure.message).toMatch(/SignatureDoesNotMatch/);
      expect(failure.hint).toMatch(/credentials/);
    });
  });

  describe('the rate of the account', () => {
    test('is waited for, and that is no failure', async () => {
      double.answer = (_, nth) => (nth <= 2 ? sesErrors.tooFast : 'take');
      await mailer().send(envelope, message);
      expect(double.requests).toEqual({ SendRawEmail: 3 });
      expect(clock.slept).toEqual([expect.any(Number), expect.any(Number)]);
      expect(Math.min(...clock.slept)).toBeGreaterThanOrEqual(500);
    });

    test('is waited for until the deadline at most', async () => {
      double.answer = () => sesErrors.tooFast;
      clock.sleep = (_ms, signal) =>
        new Promise((resolve) => {
          signal?.addEventListener('abort', resolve, { once: true });
        });
      expect((await failureOf(mailer({ timeoutMs: 100 }))).message).toMatch(/at this rate/);
      expect(double.requests).toEqual({ SendRawEmail: 1 });
    });
  });

  describe('one request hands a message over, also with a client that would try again', () => {
    test.each<[string, SesAnswer, new (text: string) => PortError, number]>([
      ['a lost answer', 'lose-answer', MailUncertain, 1],
      ['an answer that does not come', 'hang', MailUncertain, 1],
      ['an answer that cannot be read', 'garble', MailUncertain, 1],
      ['an error of a server that has taken it', 'fail-late', MailUncertain, 1],
      ['a connection that is closed after the request', 'close', MailUncertain, 0],
      ['an outage', { status: 503, code: 'ServiceUnavailable', message: 'down' }, MailUncertain, 0],
    ])('after %s', async (_, answer, fact, taken) => {
      double.answer = () => answer;
      const failure = await failureOf(mailer({ timeoutMs: 500 }, { maxAttempts: 5, retryMode: 'standard' }));
      expect(failure).toBeInstanceOf(fact);
      expect(failure.hint).toMatch(/may have been sent/);
      expect(double.requests).toEqual({ SendRawEmail: 1 });
      expect(double.taken).toHaveLength(taken);
    });

    test.each(['http', 'https'])('on a new connection and on one that is used again, by %s', async (scheme) => {
      const tls = selfSigned();
      const there = await SesDouble.start(scheme === 'https' ? { tls } : {});
      opened.push(there);
      const requestHandler = new NodeHttpHandler({ httpsAgent: { ca: tls.cert } });
      const sender = mailer({}, { endpoint: there.url, requestHandler });
      there.answer = (_, nth) => (nth === 2 ? 'take' : 'lose-answer');
      expect(await failureOf(sender)).toBeInstanceOf(MailUncertain);
      await sender.send(envelope, message);
      expect(await failureOf(sender)).toBeInstanceOf(MailUncertain);
      expect([there.connections, there.taken.length, there.requests]).toEqual([2, 3, { SendRawEmail: 3 }]);
    });

    test('with any strategy of retries', async () => {
      double.answer = () => 'lose-answer';
      let retries = 0;
      const token = { getRetryCount: () => retries, getRetryDelay: () => 0 };
      const stubborn = {
        acquireInitialRetryToken: async () => token,
        refreshRetryTokenForRetry: async () => {
          if (++retries > 3) throw new Error('enough');
          return token;
        },
        recordSuccess: () => undefined,
      };
      expect(await failureOf(mailer({}, { retryStrategy: stubborn }))).toBeInstanceOf(MailUncertain);
      expect([retries, double.requests]).toEqual([4, { SendRawEmail: 1 }]);
    });
  });

  describe('where there was no connection, nothing was handed over', () => {
    test('as nothing listens', async () => {
      const sender = mailer();
      await double.close();
      const failure = await failureOf(sender);
      expect(failure).toBeInstanceOf(MailPaused);
      expect(failure.message).toMatch(/cannot be reached: .*ECONNREFUSED/);
      expect(failure.hint).toMatch(/network/);
    });

    test('as the host is not known', async () => {
      const failure = await failureOf(mailer({}, { endpoint: 'http://nowhere.invalid' }));
      expect(failure).toBeInstanceOf(MailPaused);
      expect(failure.hint).toMatch(/host name is not known/);
    });

    test('as the other side does not agree on TLS in time', async () => {
      const silent = await Listener.start(() => undefined);
      opened.push(silent);
      const failure = await failureOf(mailer({ timeoutMs: 300 }, { endpoint: `https://127.0.0.1:${silent.port}` }));
      expect(failure).toBeInstanceOf(MailPaused);
      expect(failure.message).toMatch(/cannot be reached: it did not come to an end in time/);
      expect(silent.accepted).toBe(1);
    });

    test('as the other side closes instead of agreeing on TLS', async () => {
      const closing = await Listener.start((socket) => socket.once('data', () => socket.destroy()));
      opened.push(closing);
      const failure = await failureOf(mailer({}, { endpoint: `https://127.0.0.1:${closing.port}` }));
      expect(failure).toBeInstanceOf(MailPaused);
      expect(failure.message).toMatch(/cannot be reached/);
      expect(closing.accepted).toBe(1);
    });

    test('as all connections are busy until the deadline', async () => {
      double.answer = () => 'hang';
      const sender = mailer({ timeoutMs: 300 }, { requestHandler: new NodeHttpHandler({ httpAgent: { maxSockets: 1 } }) });
      const failures = await Promise.all([failureOf(sender), failureOf(sender)]);
      expect(failures.map(({ name }) => name).sort()).toEqual(['MailPaused', 'MailUncertain']);
      expect(double.requests).toEqual({ SendRawEmail: 1 });
    });

    test('as there are no credentials', async () => {
      const lacking = Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' });
      const failure = await failureOf(mailer({}, { credentials: () => Promise.reject(lacking) }));
      expect(failure).toBeInstanceOf(MailPaused);
      expect(failure.message).toMatch(/could not be made: Could not load credentials/);
      expect(failure.hint).toMatch(/AWS credentials/);
      expect(double.requests).toEqual({});
    });
  });

  describe('the quota', () => {
    test("is the account's, and less by what was sent since", async () => {
      double.quota = { max24HourSend: 200, maxSendRate: 14, sentLast24Hours: 190 };
      const sender = mailer();
      expect(await sender.quota()).toEqual({ perSecond: 14, leftToday: 10 });
      await sender.send(envelope, message);
      expect(await sender.quota()).toEqual({ perSecond: 14, leftToday: 9 });
    });

    test.each([
      ['without a limit', { max24HourSend: -1, maxSendRate: 14, sentLast24Hours: 190 }, { perSecond: 14, leftToday: Infinity }],
      ['overdrawn', { max24HourSend: 200, maxSendRate: 1, sentLast24Hours: 201 }, { perSecond: 1, leftToday: 0 }],
      ['of an account that may not send', { max24HourSend: 0, maxSendRate: 0, sentLast24Hours: 0 }, { perSecond: 1, leftToday: 0 }],
    ])('%s', async (_, quota, expected) => {
      double.quota = quota;
      expect(await mailer().quota()).toEqual(expected);
    });

    test('is asked for once a minute, by many at once too', async () => {
      const sender = mailer();
      await Promise.all([sender.quota(), sender.quota()]);
      clock.time += 59_999;
      await sender.quota();
      await sender.send(envelope, message);
      expect(double.requests).toEqual({ GetSendQuota: 1, SendRawEmail: 1 });
      double.quota = { max24HourSend: 100, maxSendRate: 1, sentLast24Hours: 1 };
      clock.time += 1;
      expect(await sender.quota()).toEqual({ perSecond: 1, leftToday: 99 });
      expect(double.requests).toEqual({ GetSendQuota: 2, SendRawEmail: 1 });
    });

    test('is the last one known where SES does not tell it, and asked for no sooner', async () => {
      const sender = mailer({}, { maxAttempts: 1 });
      const known = await sender.quota();
      double.quota = sesErrors.tooFast;
      clock.time += 60_000;
      expect(await sender.quota()).toEqual(known);
      expect(await sender.quota()).toEqual(known);
      expect(double.requests).toEqual({ GetSendQuota: 2 });
    });

    test('that nobody knows pauses, and is asked for again', async () => {
      const sender = mailer({}, { maxAttempts: 1 });
      double.quota = sesErrors.accessDenied;
      const failure = await sender.quota().catch((error: unknown) => error as PortError);
      expect(failure).toBeInstanceOf(MailPaused);
      expect(failure).toMatchObject({ message: expect.stringMatching(/not authorized/), hint: expect.stringMatching(/ses:GetSendQuota/) });
      double.quota = { max24HourSend: 100, maxSendRate: 1, sentLast24Hours: 0 };
      expect(await sender.quota()).toEqual({ perSecond: 1, leftToday: 100 });
    });

    test('of an account that cannot be reached pauses', async () => {
      const sender = mailer({}, { maxAttempts: 1 });
      await double.close();
      await expect(sender.quota()).rejects.toThrow(MailPaused);
    });
  });
});

/** A clock on which nobody waits. */
class HurriedClock implements Clock {
  time = 1_800_000_000_000;
  readonly slept: number[] = [];

  now(): number {
    return this.time;
  }

  sleep: Clock['sleep'] = async (ms) => {
    this.slept.push(ms);
    this.time += ms;
  };
}

/** Accepts connections, and does with them what it is told. */
class Listener {
  accepted = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(onSocket: (socket: Socket) => unknown) {
    this.#server = createServer((socket) => {
      this.accepted += 1;
      this.#sockets.add(socket);
      // A client that gives up resets the connection.
      socket.on('error', () => undefined);
      onSocket(socket);
    });
  }

  static async start(onSocket: (socket: Socket) => unknown): Promise<Listener> {
    const listener = new Listener(onSocket);
    await new Promise<void>((resolve) => listener.#server.listen(0, '127.0.0.1', resolve));
    return listener;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function clientOf(double: SesDouble, config: SESClientConfig = {}): SESClient {
  return new SESClient({ region: 'us-east-1', endpoint: double.url, credentials: double.credentials, ...config });
}

async function failureOf(sender: SesMailer): Promise<PortError> {
  const failure: unknown = await sender.send(envelope, message).then(
    () => 'it was sent',
    (error: unknown) => error,
  );
  return failure as PortError;
}
