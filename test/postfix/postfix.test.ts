import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import Sqlite from 'better-sqlite3';
import { SmtpMailer } from '../../src/adapters/smtp/mailer.ts';
import { Scratch } from '../cli/command.ts';
import { upTo } from '../contracts/world.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { PolicyServer } from './policy.ts';
import { Postfix, whyNoPostfix, type Delivered } from './server.ts';

/**
 * The command hands its welcomes to a real mail server, which greylists, refuses, breaks off, stops and dies. What lies in the mailbox
 * then is what the ledger says: sent is delivered once, uncertain twice at most, refused never.
 */

const missing = whyNoPostfix();
const tested = missing === undefined ? test : test.skip;
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;

if (missing !== undefined) process.stderr.write(`The flow over a real mail server is not tested here. ${missing}\n`);

const isRefused = (address: string): boolean => numberOf(address) % 20 === 0;
const isGreylisted = (address: string): boolean => numberOf(address) % 6 === 1;
const greylistingMs = 1_000;
/** How many sends the command has under way at once. */
const connections = new SmtpMailer({ host: 'localhost' }).concurrency;

describe('a real mail server', () => {
  let policy: PolicyServer;
  let postfix: Postfix;
  let scratch: Scratch;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    if (missing !== undefined) return;
    policy = await PolicyServer.start();
    closing.push(() => policy.close());
    postfix = await Postfix.start(policy.port);
    closing.push(() => postfix.remove());
  }, 60_000);
  afterEach(() => {
    scratch.remove();
  });
  afterAll(async () => {
    await closing.reduceRight((before, close) => before.then(close), Promise.resolve());
  }, 60_000);

  tested(
    `that greylists, refuses, breaks off, stops and dies delivers what the ledger calls sent, once${skipped}`,
    async () => {
      scratch = scratchOf(300);
      const outages: Promise<void>[] = [];
      const firstAsked = new Map<string, number>();
      policy.decide = async (recipient, nth) => {
        if (nth === 120) outages.push(postfix.stop().then(() => postfix.startAgain()));
        if (nth === 240) outages.push(postfix.die().then(() => postfix.startAgain()));
        // Whoever asks meanwhile gets no answer from a server that is gone: its session ends in the middle.
        await Promise.allSettled(outages);
        if (nth > 60 && nth <= 65) return '421 4.3.2 Closing for a moment';
        if (isRefused(recipient)) return '550 5.1.1 No such mailbox';
        if (!firstAsked.has(recipient)) firstAsked.set(recipient, Date.now());
        const isEarly = Date.now() - (firstAsked.get(recipient) ?? 0) < greylistingMs;
        return isGreylisted(recipient) && isEarly ? '450 4.7.1 Come back later' : 'OK';
      };
      const stderr = await welcome(['import', 'people.csv'], postfix.port, 1);
      await Promise.all(outages);

      // All of that happened.
      expect(outages).toHaveLength(2);
      expect(stderr).toContain('ECONNREFUSED');
      for (const reply of ['450 4.7.1', '550 5.1.1', '421 4.3.2', 'too many errors']) expect(postfix.log()).toContain(reply);

      const welcomes = ledger();
      expect(countOf(welcomes, 'refused')).toBe(15);
      expect(countOf(welcomes, 'sent') + countOf(welcomes, 'uncertain')).toBe(285);
      // An outage cuts off one send a connection at most: the next one waits for its recipient to be decided about, which waits for its end.
      const uncertainSends = welcomes.reduce((sum, welcome) => sum + welcome.uncertainSends, 0);
      expect(uncertainSends).toBeLessThanOrEqual(outages.length * connections);
      // Whoever is uncertain for good was cut off by both.
      expect(countOf(welcomes, 'sent')).toBeGreaterThanOrEqual(285 - connections);
      expect(scratch.deadLetters()).toBe(15);
      const delivered = await postfix.delivered();
      expect(mailboxesOfSent(welcomes, delivered)).toBe(countOf(welcomes, 'sent'));
      expect(contradictions(welcomes, delivered)).toStrictEqual([]);
      expect(delivered.filter(({ to }) => isRefused(to))).toStrictEqual([]);

      // The refused mailboxes are made, and what lay in dead letters goes out, once.
      policy.decide = () => 'OK';
      await welcome(['dead-letters', 'redrive'], postfix.port, 0);
      const mended = ledger();
      expect([countOf(mended, 'refused'), scratch.deadLetters()]).toStrictEqual([0, 0]);
      expect(contradictions(mended, await postfix.delivered())).toStrictEqual([]);
    },
    120_000,
  );

  tested(
    `whose answer is lost gets the message once more, with the same Message-ID${skipped}`,
    async () => {
      scratch = scratchOf(20, 1_000);
      const before = await postfix.delivered();
      policy.decide = () => 'OK';
      const proxy = await LossyProxy.start(postfix.port, 3);
      await welcome(['import', 'people.csv'], proxy.port, 0);
      await proxy.close();

      const welcomes = ledger();
      expect(countOf(welcomes, 'sent')).toBe(20);
      expect(welcomes.filter(({ uncertainSends }) => uncertainSends > 0)).toHaveLength(3);
      const delivered = (await postfix.delivered()).filter(({ to }) => !before.some((mail) => mail.to === to));
      expect(contradictions(welcomes, delivered)).toStrictEqual([]);
      expect(delivered).toHaveLength(23);
    },
    60_000,
  );

  function scratchOf(people: number, first = 0): Scratch {
    const made = new Scratch();
    made.write('people.csv', ['name,email', ...upTo(people).map((n) => `Person,user${first + n}@example.com`), ''].join('\n'));
    return made;
  }

  /** Runs a command that sends welcomes, and answers what it said; it has to end with this status. */
  async function welcome(command: readonly string[], port: number, status: number): Promise<string> {
    const mail = ['--mail', `smtp://127.0.0.1:${port}`, '--from', 'team@example.com'];
    const { code, stderr } = await scratch.run([...command, ...mail], { env: { ROLLCALL_LOG: 'warn', ROLLCALL_PATIENCE: '60' } });
    if (code !== status) throw new Error(`The command ended with ${code}: ${stderr}\nPostfix says: ${postfix.log()}`);
    return stderr;
  }

  function ledger(): readonly Welcome[] {
    const db = new Sqlite(scratch.at('rollcall.db'), { readonly: true });
    try {
      return db.prepare('SELECT user_id AS userId, state, uncertain_sends AS uncertainSends FROM welcomes').all() as Welcome[];
    } finally {
      db.close();
    }
  }
});

interface Welcome {
  readonly userId: string;
  readonly state: string;
  readonly uncertainSends: number;
}

/** Where ledger and mailbox differ, in words. */
function contradictions(welcomes: readonly Welcome[], delivered: readonly Delivered[]): readonly string[] {
  const times = new Map<string, number>();
  for (const { messageId } of delivered) times.set(messageId, (times.get(messageId) ?? 0) + 1);
  const found = welcomes.flatMap(({ userId, state, uncertainSends }) => {
    const messageId = `${userId}@example.com`;
    const copies = times.get(messageId) ?? 0;
    times.delete(messageId);
    const least = state === 'sent' ? 1 : 0;
    const most = least + (state === 'refused' ? 0 : uncertainSends);
    return copies >= least && copies <= Math.min(most, 2)
      ? []
      : [`${userId} is ${state} with ${uncertainSends} uncertain sends, and was delivered ${copies} times`];
  });
  return [...found, ...[...times.keys()].map((messageId) => `${messageId} was delivered, and nobody in the ledger was welcomed by it`)];
}

/** How many people got a mail of those whose welcome counts as sent. */
function mailboxesOfSent(welcomes: readonly Welcome[], delivered: readonly Delivered[]): number {
  const sent = new Set(welcomes.filter(({ state }) => state === 'sent').map(({ userId }) => `${userId}@example.com`));
  return new Set(delivered.filter(({ messageId }) => sent.has(messageId)).map(({ to }) => to)).size;
}

function countOf(welcomes: readonly Welcome[], state: string): number {
  return welcomes.filter((welcome) => welcome.state === state).length;
}

function numberOf(address: string): number {
  return Number(/\d+/.exec(address)?.[0]);
}
