import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { MimeMessageComposer } from '../../../src/adapters/mime/message-composer.ts';
import { SmtpMailer, type SmtpOptions } from '../../../src/adapters/smtp/mailer.ts';
import { MailPaused, MailRefused, MailUnavailable, MailUncertain } from '../../../src/ports/mailer.ts';
import type { PortError } from '../../../src/ports/vocabulary.ts';
import { mailerContract } from '../../contracts/mailer.contract.ts';
import { MailServer, ScriptedServer, selfSigned, type Script } from './server.ts';

const host = '127.0.0.1';
const envelope = { from: 'welcome@example.com', to: 'ann@example.com', userId: 'u1' };
const message = Buffer.from('Subject: Hello\r\n\r\nHello\r\n');

mailerContract(
  'smtp',
  async () => {
    const server = await MailServer.start();
    const mailer = new SmtpMailer({ host, port: server.port });
    return {
      mailer,
      taken: async () => server.received.map(({ bytes }) => bytes),
      envelopes: async () => server.received.map(({ from, to }) => ({ from, to: to.join() })),
      answer: async (how) => {
        server.replies = {};
        if (how === 'refuse') server.replies.rcpt = () => '550 5.1.1 no such user';
        if (how === 'be unavailable') server.replies.rcpt = () => '450 4.2.1 mailbox is busy';
        if (how === 'pause') server.replies.mail = '550 5.7.1 not this sender';
      },
      close: () => server.close(),
    };
  },
  { 'be uncertain': 'no reply of a working server does it: see the tests with connections that break' },
);

describe('SmtpMailer', () => {
  const opened: { close(): Promise<void> }[] = [];
  let certificate: ReturnType<typeof selfSigned>;

  beforeAll(() => {
    certificate = selfSigned();
  });

  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) await thing.close();
  });

  const kept = <T extends { close(): Promise<void> }>(thing: T): T => {
    opened.push(thing);
    return thing;
  };
  const server = async (options = {}) => kept(await MailServer.start(options));
  const scripted = async (script: Script) => kept(await ScriptedServer.start(script));
  const mailer = (options: Partial<SmtpOptions>) =>
    kept(new SmtpMailer({ host, connectTimeoutMs: 2_000, greetingTimeoutMs: 2_000, silenceTimeoutMs: 2_000, ...options }));
  const failureOf = async (sender: SmtpMailer) => {
    const failure: unknown = await sender.send(envelope, message).then(
      () => 'it was sent',
      (error: unknown) => error,
    );
    return failure as PortError;
  };

  test('a message arrives as it was composed', async () => {
    const there = await server();
    const bytes = await new MimeMessageComposer().compose({
      from: { address: 'welcome@example.com', name: 'Ōrganisation' },
      to: { address: 'ann@example.com', name: '王小明' },
      subject: 'Welcome, 王小明',
      html: '<p>.\n.王</p>',
      text: '.\n..\nFrom 王',
      messageId: 'w-1@example.com',
      date: 0,
      headers: {},
    });
    await mailer({ port: there.port }).send(envelope, bytes);
    expect(there.received[0]?.bytes.equals(bytes)).toBe(true);
    const mail = await PostalMime.parse(there.received[0]?.bytes ?? '');
    expect([mail.subject, mail.to?.[0]?.name, mail.text?.trim()]).toEqual(['Welcome, 王小明', '王小明', '.\n..\nFrom 王']);
  });

  test('connections are used again, no more of them than wished for', async () => {
    const there = await server();
    const sender = mailer({ port: there.port, connections: 3 });
    await Promise.all(Array.from({ length: 450 }, () => sender.send(envelope, message)));
    expect(there.received).toHaveLength(450);
    expect(there.connections).toBe(3);
    expect(sender.concurrency).toBe(3);
  });

  test('tells the quota that it was given, and none otherwise', async () => {
    expect(await mailer({}).quota()).toEqual({ perSecond: Infinity, leftToday: Infinity });
    expect(await mailer({ perSecond: 14 }).quota()).toEqual({ perSecond: 14, leftToday: Infinity });
  });

  test('allows a send longer than all its time-outs together', () => {
    const sender = mailer({ connectTimeoutMs: 1_000, greetingTimeoutMs: 2_000, silenceTimeoutMs: 4_000 });
    expect(sender.sendTimeoutMs).toBeGreaterThan(7_000);
  });

  test('close waits for what is under way, and ends sending', async () => {
    const there = await server();
    const sender = mailer({ port: there.port });
    const sending = sender.send(envelope, message);
    await sender.close();
    expect(there.received).toHaveLength(1);
    await sending;
    expect(await failureOf(sender)).toBeInstanceOf(MailPaused);
  });

  describe('a reply', () => {
    test.each([
      ['550 to RCPT', { RCPT: '550 5.1.1 no such user' }, MailRefused, 'refused the recipient: 550 5.1.1 no such user'],
      ['552 to RCPT', { RCPT: '552 5.2.2 mailbox full' }, MailRefused, 'refused the recipient: 552 5.2.2 mailbox full'],
      ['450 to RCPT', { RCPT: '450 4.2.1 busy' }, MailUnavailable, 'did not take the recipient now: 450 4.2.1 busy'],
      ['503 to RCPT', { RCPT: '503 bad sequence' }, MailUnavailable, 'did not take the recipient now: 503 bad sequence'],
      ['530 to RCPT', { RCPT: '530 5.7.0 log in first' }, MailPaused, 'takes no mail now: 530 5.7.0 log in first'],
      ['421 to RCPT', { RCPT: '421 4.3.2 closing' }, MailPaused, 'takes no mail now: 421 4.3.2 closing'],
      ['550 to MAIL', { MAIL: '550 5.7.1 not this sender' }, MailPaused, 'refused the sender: 550 5.7.1 not this sender'],
      ['451 to MAIL', { MAIL: '451 4.7.1 come back' }, MailPaused, 'refused the sender: 451 4.7.1 come back'],
      ['421 to MAIL', { MAIL: '421 closing' }, MailPaused, 'takes no mail now: 421 closing'],
      ['554 to DATA', { DATA: '554 5.6.0 no' }, MailRefused, 'refused the message: 554 5.6.0 no'],
      ['451 to DATA', { DATA: '451 4.3.0 later' }, MailUnavailable, 'did not take the message now: 451 4.3.0 later'],
      ['421 to DATA', { DATA: '421 closing' }, MailPaused, 'takes no mail now: 421 closing'],
      ['554 to the message', { '.': '554 5.7.1 spam' }, MailRefused, 'refused the message: 554 5.7.1 spam'],
      ['552 to the message', { '.': '552 5.3.4 too big' }, MailRefused, 'refused the message: 552 5.3.4 too big'],
      ['452 to the message', { '.': '452 4.3.1 disk full' }, MailUnavailable, 'did not take the message now: 452 4.3.1 disk full'],
      ['421 to the message', { '.': '421 4.3.2 closing' }, MailUnavailable, 'did not take the message now: 421 4.3.2 closing'],
      ['554 for a greeting', { greeting: '554 5.7.1 go away' }, MailPaused, 'refused the session: 554 5.7.1 go away'],
      ['421 for a greeting', { greeting: '421 too busy' }, MailPaused, 'takes no mail now: 421 too busy'],
      [
        'several lines',
        { RCPT: '550-5.1.1 no\r\n550 5.1.1 such user' },
        MailRefused,
        'refused the recipient: 550-5.1.1 no 550 5.1.1 such user',
      ],
    ] as const)('%s', async (_, script, fact, text) => {
      const { port } = await scripted(script);
      const failure = await failureOf(mailer({ port }));
      expect(failure.message).toBe(`127.0.0.1:${port} ${text}`);
      expect(failure).toBeInstanceOf(fact);
      expect(failure.hint).toMatch(/\w/);
      expect(failure.cause).toBeDefined();
    });

    test('for one message does not touch the others on the connection', async () => {
      const there = await server();
      there.replies.rcpt = (address) => (address.startsWith('bad') ? '550 no' : address.startsWith('busy') ? '450 busy' : undefined);
      const sender = mailer({ port: there.port, connections: 2 });
      const users = Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? 'bad' : index % 3 === 1 ? 'busy' : 'good'));
      const results = await Promise.allSettled(
        users.map((to, index) => sender.send({ ...envelope, to: `${to}${index}@example.com` }, message)),
      );
      expect(results.map((result) => (result.status === 'rejected' ? (result.reason as Error).constructor : undefined))).toEqual(
        users.map((to) => (to === 'bad' ? MailRefused : to === 'busy' ? MailUnavailable : undefined)),
      );
      expect(there.received).toHaveLength(20);
      expect(there.connections).toBe(2);
    });
  });

  describe('a connection', () => {
    test.each([
      ['closed before the greeting', { greeting: 'close' }, MailPaused],
      ['closed after EHLO', { EHLO: 'close' }, MailPaused],
      ['closed at MAIL', { MAIL: 'close' }, MailUnavailable],
      ['closed at RCPT', { RCPT: 'close' }, MailUnavailable],
      ['closed at DATA', { DATA: 'close' }, MailUnavailable],
      ['closed while the message flows', { body: 'close' }, MailUncertain],
      ['closed after the message', { '.': 'close' }, MailUncertain],
      ['closed in the middle of the answer', { '.': 'broken 554 5.7' }, MailUncertain],
      ['silent from the beginning', { greeting: 'hang' }, MailPaused],
      ['silent after EHLO', { EHLO: 'hang' }, MailPaused],
      ['silent at RCPT', { RCPT: 'hang' }, MailUnavailable],
      ['silent at DATA', { DATA: 'hang' }, MailUnavailable],
      ['silent after the message', { '.': 'hang' }, MailUncertain],
    ] as const)('%s', async (_, script, fact) => {
      const { port } = await scripted(script);
      const failure = await failureOf(mailer({ port, greetingTimeoutMs: 80, silenceTimeoutMs: 80 }));
      expect(failure).toBeInstanceOf(fact);
      expect(failure.message).toContain(`127.0.0.1:${port} `);
      expect(failure.hint).toMatch(/\w/);
    });

    test.each([
      ['at RCPT', { RCPT: 'trickle' }, MailUnavailable],
      ['after the message', { '.': 'trickle' }, MailUncertain],
    ])('whose server never comes to the end of a reply %s is given up, too', async (_, script, fact) => {
      const there = await scripted(script);
      const sender = mailer({ port: there.port, connectTimeoutMs: 60, greetingTimeoutMs: 60, silenceTimeoutMs: 60 });
      const failure = await failureOf(sender);
      expect(failure).toBeInstanceOf(fact);
      expect(failure.message).toContain('it did not come to an end in time');
    });

    test('that nothing answers, and a host that is not there', async () => {
      const gone = await MailServer.start();
      const { port } = gone;
      await gone.close();
      const refused = await failureOf(mailer({ port }));
      expect(refused).toBeInstanceOf(MailPaused);
      expect(refused.message).toContain(`127.0.0.1:${port} cannot be used: `);
      expect(refused.hint).toContain('Nothing listens there');
      const unknown = await failureOf(mailer({ host: 'no-such-host.invalid' }));
      expect(unknown).toBeInstanceOf(MailPaused);
      expect(unknown.message).toContain('no-such-host.invalid:25 cannot be used: ');
    });

    test.each(['close', '421 4.3.2 enough for one connection'])(
      'that ends after one message (%s) is replaced without a word',
      async (end) => {
        const there = await scripted({ MAIL: (nth) => (nth > 1 ? end : undefined) });
        const sender = mailer({ port: there.port, connections: 1 });
        for (let sent = 0; sent < 3; sent += 1) await sender.send(envelope, message);
        expect(there.heard.filter((word) => word === '.')).toHaveLength(3);
        expect(there.heard.filter((word) => word === 'EHLO')).toHaveLength(3);
      },
    );

    test('that is lost does not hold up what comes after it', async () => {
      const there = await server();
      const sender = mailer({ port: there.port, connections: 1 });
      there.replies.mail = '421 4.3.2 closing';
      expect(await failureOf(sender)).toBeInstanceOf(MailPaused);
      there.replies = {};
      await sender.send(envelope, message);
      expect(there.received).toHaveLength(1);
    });
  });

  describe('TLS', () => {
    const withTls = (options = {}) => server({ ...certificate, ...options });

    test('is used where it is offered, whoever signed for it', async () => {
      const there = await withTls();
      await mailer({ port: there.port }).send(envelope, message);
      expect(there.received[0]?.secure).toBe(true);
    });

    test('from the beginning, and by STARTTLS, with an authority that is trusted', async () => {
      const [implicit, explicit] = [await withTls({ secure: true }), await withTls()];
      const authorities = certificate.cert;
      await mailer({ port: implicit.port, secure: true, authorities }).send(envelope, message);
      await mailer({ port: explicit.port, requireTls: true, authorities }).send(envelope, message);
      expect([implicit, explicit].map(({ received }) => received[0]?.secure)).toEqual([true, true]);
    });

    test.each([
      ['from the beginning', { secure: true }],
      ['by STARTTLS, required', { requireTls: true }],
      ['by STARTTLS, with a password', { login: { user: 'user', password: 'password' } }],
    ])('with a certificate that nobody trusts is refused: %s', async (_, options) => {
      const there = await withTls({
        secure: 'secure' in options,
        onAuth: (_auth: unknown, _session: unknown, done: () => void) => {
          done();
        },
      });
      const failure = await failureOf(mailer({ port: there.port, ...options }));
      expect(failure).toBeInstanceOf(MailPaused);
      expect(failure.hint).toContain('certificate');
      expect(there.received).toEqual([]);
    });

    test('that is required and not offered: nothing is sent', async () => {
      const there = await server();
      const failure = await failureOf(mailer({ port: there.port, requireTls: true }));
      expect(failure).toBeInstanceOf(MailPaused);
      expect(there.received).toEqual([]);
    });
  });

  describe('a login', () => {
    const withLogin = () =>
      server({
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: (
          { username, password }: { username: string; password: string },
          _session: unknown,
          done: (error: Error | null, answer?: { user: string }) => void,
        ) => {
          if (password === 'right') done(null, { user: username });
          else done(new Error('Invalid user name or password'));
        },
      });

    test('is made', async () => {
      const there = await withLogin();
      await mailer({ port: there.port, login: { user: 'user', password: 'right' } }).send(envelope, message);
      expect(there.received[0]?.user).toBe('user');
    });

    test('that is refused, and one that is missing, pause sending; no password is told', async () => {
      const there = await withLogin();
      for (const options of [{}, { login: { user: 'user', password: 'wrong-secret' } }]) {
        const failure = await failureOf(mailer({ port: there.port, ...options }));
        expect(failure).toBeInstanceOf(MailPaused);
        expect(failure.hint).toContain('Check the user name and the password');
        expect(failure.message).toContain(`127.0.0.1:${there.port} `);
        expect(JSON.stringify([failure.message, failure.hint, String(failure.cause)])).not.toContain('wrong-secret');
      }
      expect(there.received).toEqual([]);
    });
  });

  test('an address that would end its command is refused, and says nothing to the server', async () => {
    const there = await server();
    const sender = mailer({ port: there.port });
    await expect(sender.send({ ...envelope, to: 'a@example.com>\r\nRCPT TO:<b@example.com' }, message)).rejects.toBeInstanceOf(MailRefused);
    await sender.send(envelope, message);
    expect(there.received.map(({ to }) => to)).toEqual([['ann@example.com']]);
  });
});
