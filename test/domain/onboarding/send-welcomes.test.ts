import { beforeEach, describe, expect, test } from '@jest/globals';
import type { MemoryAnswer } from '../../../src/adapters/memory/mailer.ts';
import { MemoryMailer } from '../../../src/adapters/memory/mailer.ts';
import { WelcomeSender, type SendPorts, type SendReport } from '../../../src/domain/onboarding/send-welcomes.ts';
import { MailPaused } from '../../../src/ports/mailer.ts';
import { LedgerUnavailable } from '../../../src/ports/import-ledger.ts';
import { QueueUnavailable } from '../../../src/ports/message-queue.ts';
import type { TemplateRenderer } from '../../../src/ports/template-renderer.ts';
import type { Recipient, WelcomeMessage } from '../../../src/ports/vocabulary.ts';
import type { WelcomeLedger, WelcomeRecord } from '../../../src/ports/welcome-ledger.ts';
import { present, upTo } from '../../contracts/world.ts';
import { faulty } from '../faulty.ts';
import { MemoryWorld } from '../world.ts';

const pauseMs = 5_000;
const sendTimeoutMs = 1_000;
const leaseMs = sendTimeoutMs + 30_000;
const nobody = new AbortController().signal;
const templates: TemplateRenderer = { render: ({ name }) => ({ subject: `Welcome, ${name}`, html: name, text: name }) };

let world: MemoryWorld;
let ports: SendPorts;
beforeEach(() => {
  world = new MemoryWorld();
  ports = portsOf(world, world.mailer);
});

function portsOf({ welcomes, ledger, schedule, deadLetters, codec, clock, ids }: MemoryWorld, mailer: MemoryMailer): SendPorts {
  const composer = { compose: ({ subject }: { readonly subject: string }) => Promise.resolve(Buffer.from(subject)) };
  return { templates, composer, welcomes, ledger, mailer, schedule, deadLetters, codec, clock, ids, random: { next: () => 1 } };
}

const recipientOf = (n: number): Recipient => ({
  userId: `u${n}`,
  address: `user${n}@example.com`,
  name: `Name ${n}`,
  importId: 'import-a',
});
const messageTo = (...numbers: readonly number[]): WelcomeMessage => ({ recipients: numbers.map(recipientOf) });
const send = (message: WelcomeMessage, parts: Partial<SendPorts> = {}, stop: AbortSignal = nobody): Promise<SendReport> =>
  new WelcomeSender({ ...ports, ...parts }, { from: { name: 'Team', address: 'team@example.com' }, pauseMs }).send(
    'message-1',
    message,
    stop,
  );

const recordOf = async (n: number): Promise<WelcomeRecord> => present((await world.ledger.find([`u${n}`]))[0]);
const statesOf = async (...numbers: readonly number[]) =>
  (await world.ledger.find(numbers.map((n) => `u${n}`))).map((record) => record?.state);
const takenBy = () => [...world.mailer.taken.values()].map(({ envelope, times }) => [envelope.userId, times]);
const letters = () => world.deadLetters.list({}, 100);

/** What waits on the queue: after how long it becomes visible, and for whom it is. */
async function onQueue(): Promise<readonly (readonly [delayMs: number, users: string])[]> {
  const seen: (readonly [number, string])[] = [];
  const before = world.now();
  while (world.welcomes.texts().length > 0) {
    const deliveries = await world.welcomes.receive(100, 0);
    for (const { content } of deliveries) {
      seen.push([world.now() - before, content.ours ? content.message.recipients.map(({ userId }) => userId).join() : '?']);
    }
    await world.welcomes.acknowledge(deliveries.map(({ receipt }) => receipt));
    if (deliveries.length === 0) await world.advance(500);
  }
  return seen;
}

/** The ledger, which tells how many are claimed at once. */
const tellingClaims = (claimed: number[]): WelcomeLedger =>
  faulty(world.ledger, { before: { replace: (_, records) => records[0]?.state === 'claimed' && claimed.push(records.length) } });

/** Lets the mailer answer each user's sends in turn; what is not told is taken. */
function answering(answers: Readonly<Record<string, readonly MemoryAnswer[]>>): void {
  const sends = new Map<string, number>();
  world.mailer.answer = ({ userId }) => {
    const send = sends.get(userId) ?? 0;
    sends.set(userId, send + 1);
    return answers[userId]?.[send] ?? 'take';
  };
}

describe('a message without trouble', () => {
  test('all recipients are welcomed, and recorded as such', async () => {
    expect(await send(messageTo(1, 2, 3))).toStrictEqual({ sent: 3 });
    expect(takenBy()).toStrictEqual([
      ['u1', 1],
      ['u2', 1],
      ['u3', 1],
    ]);
    expect(world.mailer.taken.get('u1')?.envelope).toStrictEqual({ from: 'team@example.com', to: 'user1@example.com', userId: 'u1' });
    expect(Buffer.from(world.mailer.taken.get('u1')?.bytes ?? []).toString()).toBe('Welcome, Name 1');
    expect(await recordOf(1)).toStrictEqual({
      userId: 'u1',
      importId: 'import-a',
      revision: 2,
      state: 'sent',
      attempts: 0,
      uncertainSends: 0,
      at: world.now(),
    });
    expect([world.welcomes.texts(), await letters()]).toStrictEqual([[], []]);
  });

  test('delivered again, it sends nothing', async () => {
    await send(messageTo(1, 2));
    expect(await send(messageTo(1, 2))).toStrictEqual({ sent: 0 });
    expect(world.mailer.sends).toBe(2);
    expect(world.welcomes.texts()).toStrictEqual([]);
  });

  test('a message for nobody is done with', async () => {
    expect(await send(messageTo())).toStrictEqual({ sent: 0 });
  });

  test('somebody who is named twice is welcomed once', async () => {
    expect(await send(messageTo(1, 1))).toStrictEqual({ sent: 1 });
    expect(takenBy()).toStrictEqual([['u1', 1]]);
    expect(await onQueue()).toStrictEqual([[leaseMs, 'u1']]);
  });

  test('while it sends, it holds a claim that outlives the slowest send', async () => {
    const claims: WelcomeRecord[] = [];
    world.mailer.answer = async (): Promise<MemoryAnswer> => {
      claims.push(await recordOf(1));
      return 'take';
    };
    await send(messageTo(1));
    expect(claims).toMatchObject([{ state: 'claimed', token: 'fresh-1', leaseUntil: world.now() + leaseMs, revision: 1 }]);
  });

  test.each([
    ['as many as are sent at once where a dead sender leaves them uncertain', false, [4, 4, 2]],
    ['all where it does not', true, [10]],
  ] as const)('without a rate it claims %s', async (_, idempotent, chunks) => {
    const claimed: number[] = [];
    const ledger = tellingClaims(claimed);
    expect(await send(messageTo(...upTo(10)), { ledger, mailer: new MemoryMailer({ idempotent, concurrency: 4 }) })).toStrictEqual({
      sent: 10,
    });
    expect(claimed).toStrictEqual(chunks);
  });

  test('at a rate it claims only what it can send within five seconds', async () => {
    world.mailer.allowance = { perSecond: 2, leftToday: Infinity };
    const claimed: number[] = [];
    const ledger = tellingClaims(claimed);
    const sending = send(messageTo(...upTo(25)), { ledger });
    await world.advance(60_000);
    expect(await sending).toStrictEqual({ sent: 25 });
    expect(claimed).toStrictEqual([10, 10, 5]);
  });

  test('at a very low rate it claims one at a time', async () => {
    world.mailer.allowance = { perSecond: 0.1, leftToday: Infinity };
    const claimed: number[] = [];
    const ledger = tellingClaims(claimed);
    const sending = send(messageTo(1, 2, 3), { ledger });
    await world.advance(60_000);
    expect(await sending).toStrictEqual({ sent: 3 });
    expect(claimed).toStrictEqual([1, 1, 1]);
  });
});

describe('the turn of a message', () => {
  const turnOf = (messageId: string, message: WelcomeMessage, parts: Partial<SendPorts> = {}, stop: AbortSignal = nobody) =>
    new WelcomeSender({ ...ports, ...parts }, { from: { address: 'team@example.com' }, pauseMs }).send(messageId, message, stop);

  beforeEach(() => {
    world.mailer.allowance = { perSecond: 2, leftToday: Infinity };
  });

  test('where it is not soon, nothing is done but to tell when it is', async () => {
    await world.schedule.reserve('another', 2_001, world.now());
    expect(await turnOf('a', messageTo(1, 2))).toStrictEqual({ sent: 0, turnInMs: 2_001 });
    expect([world.mailer.sends, world.ledger.size, world.welcomes.texts()]).toStrictEqual([0, 0, []]);
  });

  test('where it is soon, it is waited for', async () => {
    await world.schedule.reserve('another', 2_000, world.now());
    const sending = turnOf('a', messageTo(1));
    await world.advance(1_999);
    expect([world.mailer.sends, world.ledger.size]).toStrictEqual([0, 0]);
    await world.advance(1);
    expect(await sending).toStrictEqual({ sent: 1 });
  });

  test('it takes as long as its recipients do at the rate, and whoever asks again is told the same', async () => {
    const sending = turnOf('a', messageTo(...upTo(10)));
    expect(await turnOf('b', messageTo(11))).toStrictEqual({ sent: 0, turnInMs: 5_000 });
    await world.advance(1_000);
    expect(await turnOf('c', messageTo(12))).toStrictEqual({ sent: 0, turnInMs: 4_500 });
    expect(await turnOf('b', messageTo(11))).toStrictEqual({ sent: 0, turnInMs: 4_000 });
    await world.advance(4_000);
    expect([await sending, await turnOf('b', messageTo(11))]).toStrictEqual([{ sent: 10 }, { sent: 1 }]);
  });

  test('a stop while it is waited for hands the message on', async () => {
    const stop = new AbortController();
    await world.schedule.reserve('another', 2_000, world.now());
    const sending = turnOf('a', messageTo(1), {}, stop.signal);
    await world.advance(1_000);
    stop.abort();
    expect(await sending).toStrictEqual({ sent: 0 });
    expect(await onQueue()).toStrictEqual([[0, 'u1']]);
  });

  test('without a rate nobody stands in line', async () => {
    world.mailer.allowance = { perSecond: Infinity, leftToday: Infinity };
    await world.schedule.reserve('another', 60_000, world.now());
    expect(await turnOf('a', messageTo(1))).toStrictEqual({ sent: 1 });
  });

  test('who is paused takes no place', async () => {
    world.mailer.allowance = { perSecond: 2, leftToday: 0 };
    await turnOf('a', messageTo(1, 2));
    expect(await world.schedule.reserve('b', 1, world.now())).toBe(world.now());
  });
});

describe('recipients whom another one sends to', () => {
  test('a claim that is held is waited for, and the others are welcomed', async () => {
    await world.ledger.replace([{ ...blank(2), state: 'claimed', token: 'theirs', leaseUntil: world.now() + 10_000 }]);
    expect(await send(messageTo(1, 2, 3))).toStrictEqual({ sent: 2 });
    expect(await recordOf(2)).toMatchObject({ token: 'theirs', attempts: 0, revision: 1 });
    expect(await onQueue()).toStrictEqual([[10_000, 'u2']]);
  });

  test('a wait of part of a second is rounded up, so that messages of about the same time are one', async () => {
    await world.ledger.replace([
      { ...blank(1), state: 'waiting', retryAt: world.now() + 1 },
      { ...blank(2), state: 'waiting', retryAt: world.now() + 1_000 },
      { ...blank(3), state: 'waiting', retryAt: world.now() + 1_001 },
    ]);
    await send(messageTo(1, 2, 3));
    expect(await onQueue()).toStrictEqual([
      [1_000, 'u1,u2'],
      [2_000, 'u3'],
    ]);
  });

  test('of two who claim at once, one sends', async () => {
    const [first, second] = await Promise.all([send(messageTo(1, 2)), send(messageTo(1, 2))]);
    expect(first.sent + second.sent).toBe(2);
    expect(takenBy()).toStrictEqual([
      ['u1', 1],
      ['u2', 1],
    ]);
  });

  test('who claims between the look and the claim keeps it', async () => {
    await world.ledger.replace([{ ...blank(1), state: 'waiting' }]);
    const theirs: WelcomeRecord = { ...blank(1), revision: 1, state: 'claimed', token: 'theirs', leaseUntil: world.now() + 10_000 };
    const ledger = faulty(world.ledger, { before: { replace: async (call) => call === 2 && world.ledger.replace([theirs]) } });
    expect(await send(messageTo(1), { ledger })).toStrictEqual({ sent: 0 });
    expect([world.mailer.sends, (await recordOf(1)).token]).toStrictEqual([0, 'theirs']);
    expect(await onQueue()).toStrictEqual([[10_000, 'u1']]);
  });

  test.each<[string, Partial<WelcomeRecord>, readonly (readonly [number, string])[]]>([
    ['claimed: it comes again when that claim ends', { state: 'claimed', leaseUntil: 60_001 }, [[60_000, 'u1']]],
    ['put off: it comes again at that time', { state: 'waiting', retryAt: 9_001 }, [[9_000, 'u1']]],
    ['refused: it comes again at once, for who refused it may not have kept a dead letter', { state: 'refused' }, [[0, 'u1']]],
    ['sent: nothing is left to do', { state: 'sent' }, []],
    ['settled as uncertain: nothing is left to do', { state: 'uncertain' }, []],
  ])('whose claim ran out in the meantime confirms nothing. What another has since %s', async (_, theirs, left) => {
    const late = send(messageTo(1), { mailer: faulty(world.mailer, { before: { send: () => world.clock.sleep(leaseMs) } }) });
    await world.advance(leaseMs - 1);
    const { leaseUntil, retryAt, ...kept } = { ...(await recordOf(1)), token: 'theirs', ...theirs };
    const since = world.now();
    const times = {
      ...(theirs.leaseUntil && { leaseUntil: since + theirs.leaseUntil }),
      ...(theirs.retryAt && { retryAt: since + theirs.retryAt }),
    };
    await world.ledger.replace([{ ...kept, ...times }]);
    await world.advance(1);
    expect(await late).toStrictEqual({ sent: 0 });
    expect(await recordOf(1)).toMatchObject({ state: theirs.state, token: 'theirs' });
    expect(await onQueue()).toStrictEqual(left);
  });
});

describe('a decision that is kept, and whose answer is lost', () => {
  /** The ledger loses the answer of every second call: of each confirmation. */
  const forgetful = () =>
    faulty(world.ledger, {
      after: {
        replace: (call) => {
          if (call === 2) throw new LedgerUnavailable('no answer');
        },
      },
    });

  test('that it is refused: the dead letter is written all the same', async () => {
    answering({ u1: ['refuse'] });
    const sending = send(messageTo(1), { ledger: forgetful() });
    await world.advance(1_000);
    await sending;
    expect(await statesOf(1)).toStrictEqual(['refused']);
    expect(await letters()).toMatchObject([{ code: 'mail-refused' }]);
  });

  test('that it is tried again: the message for it is sent all the same', async () => {
    answering({ u1: ['be-unavailable'] });
    const sending = send(messageTo(1), { ledger: forgetful() });
    await world.advance(1_000);
    await sending;
    expect(await statesOf(1)).toStrictEqual(['waiting']);
    expect(world.welcomes.texts()).toHaveLength(1);
  });
});

describe('a mail server that refuses a recipient', () => {
  test('the welcome lies in dead letters, and the others go out', async () => {
    answering({ u2: ['refuse'] });
    expect(await send(messageTo(1, 2, 3))).toStrictEqual({ sent: 2 });
    expect(await statesOf(1, 2, 3)).toStrictEqual(['sent', 'refused', 'sent']);
    expect(await letters()).toStrictEqual([
      {
        id: world.ids.derived('dead-letter', 'welcomes', 'u2'),
        queue: 'welcomes',
        text: JSON.stringify(messageTo(2)),
        code: 'mail-refused',
        cause: 'The memory refuses this message',
        importId: 'import-a',
        at: world.now(),
      },
    ]);
    expect(world.welcomes.texts()).toStrictEqual([]);
  });

  test('sent back after the mend, it goes out', async () => {
    answering({ u1: ['refuse'] });
    await send(messageTo(1));
    expect(await send(messageTo(1))).toStrictEqual({ sent: 1 });
    expect(await recordOf(1)).toMatchObject({ state: 'sent', attempts: 0 });
  });

  test('a message that is delivered again because the letter was not kept, leads to one letter', async () => {
    answering({ u1: ['refuse', 'refuse'] });
    const deadLetters = faulty(world.deadLetters, {
      before: {
        put: () => {
          throw new QueueUnavailable('away');
        },
      },
    });
    await expect(send(messageTo(1), { deadLetters })).rejects.toThrow('away');
    await send(messageTo(1));
    expect(await letters()).toHaveLength(1);
  });
});

describe('a mail server that takes a message later', () => {
  test('it is tried again after waits that grow, and given up after the sixth time', async () => {
    world.mailer.answer = () => 'be-unavailable';
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt++) {
      await send(messageTo(1));
      const before = world.now();
      await onQueue();
      delays.push(world.now() - before);
    }
    expect(delays).toStrictEqual([1_000, 4_000, 16_000, 64_000, 256_000, 0]);
    expect(await recordOf(1)).toMatchObject({ state: 'failed', attempts: 6, cause: 'The memory does not take this message now' });
    expect(await letters()).toMatchObject([
      { code: 'mail-failed', cause: 'The memory does not take this message now', text: JSON.stringify(messageTo(1)) },
    ]);
  });

  test('delivered too early, it keeps waiting without an attempt', async () => {
    answering({ u1: ['be-unavailable'] });
    await send(messageTo(1));
    await send(messageTo(1));
    expect([world.mailer.sends, (await recordOf(1)).attempts]).toStrictEqual([1, 1]);
  });
});

describe('a send of which nobody knows whether it was taken', () => {
  test('it is tried once more, and taken then', async () => {
    answering({ u1: ['be-uncertain'] });
    expect(await send(messageTo(1))).toStrictEqual({ sent: 0 });
    expect(await recordOf(1)).toMatchObject({ state: 'waiting', uncertainSends: 1, attempts: 0 });
    expect(await onQueue()).toStrictEqual([[5_000, 'u1']]);
    expect(await send(messageTo(1))).toStrictEqual({ sent: 1 });
    expect(takenBy()).toStrictEqual([['u1', 2]]);
    expect(await recordOf(1)).toMatchObject({ state: 'sent', uncertainSends: 1 });
  });

  test('unknown twice, it is left alone for good', async () => {
    answering({ u1: ['be-uncertain', 'lose'] });
    await send(messageTo(1));
    await onQueue();
    expect(await send(messageTo(1))).toStrictEqual({ sent: 0 });
    expect(await statesOf(1)).toStrictEqual(['uncertain']);
    expect([world.welcomes.texts(), await letters()]).toStrictEqual([[], []]);
    await send(messageTo(1));
    expect(world.mailer.sends).toBe(2);
  });

  test('a sender that died counts as one of the two sends', async () => {
    const { mailer } = world;
    await world.ledger.replace([{ ...blank(1), state: 'claimed', token: 'theirs', leaseUntil: world.now() - 1, uncertainSends: 0 }]);
    answering({ u1: ['be-uncertain'] });
    await send(messageTo(1));
    expect(await recordOf(1)).toMatchObject({ state: 'uncertain', uncertainSends: 2 });
    expect(mailer.sends).toBe(1);
  });

  test('two senders that died leave it alone without a further send', async () => {
    await world.ledger.replace([{ ...blank(1), state: 'claimed', token: 'theirs', leaseUntil: world.now() - 1, uncertainSends: 1 }]);
    expect(await send(messageTo(1))).toStrictEqual({ sent: 0 });
    expect(await recordOf(1)).toMatchObject({ state: 'uncertain', uncertainSends: 2 });
    expect([world.mailer.sends, world.welcomes.texts()]).toStrictEqual([0, []]);
  });

  test('where the mailer tells one from two, a sender that died leaves nothing uncertain', async () => {
    const mailer = new MemoryMailer({ idempotent: true });
    await world.ledger.replace([{ ...blank(1), state: 'claimed', token: 'theirs', leaseUntil: world.now() - 1 }]);
    expect(await send(messageTo(1), { mailer })).toStrictEqual({ sent: 1 });
    expect(await recordOf(1)).toMatchObject({ state: 'sent', uncertainSends: 0 });
  });
});

describe('a mailer that sends nothing now', () => {
  test('whoever it meets is put back without an attempt, and the rest is not tried', async () => {
    world.mailer.allowance = { perSecond: 1, leftToday: Infinity };
    answering({ u1: ['pause'] });
    const sending = send(messageTo(...upTo(12)));
    // The others of the same claim hear of it when their turn comes.
    await world.advance(4_000);
    const report = await sending;
    expect(report).toMatchObject({ sent: 0, paused: { code: 'mail-paused', message: 'The memory takes no message now' } });
    expect(report.paused).toBeInstanceOf(MailPaused);
    expect(world.mailer.sends).toBe(1);
    expect(await recordOf(1)).toMatchObject({ state: 'waiting', attempts: 0, uncertainSends: 0 });
    expect(await statesOf(5, 6)).toStrictEqual(['waiting', undefined]);
    expect(await onQueue()).toStrictEqual([
      [
        pauseMs,
        upTo(12)
          .map((n) => `u${n}`)
          .join(),
      ],
    ]);
  });

  test('a used up quota is a pause before anything is claimed', async () => {
    world.mailer.allowance = { perSecond: Infinity, leftToday: 0 };
    const { sent, paused } = await send(messageTo(1, 2));
    expect([sent, paused?.message, world.ledger.size]).toStrictEqual([0, 'The mail quota of today is used up.', 0]);
    expect(await world.ledger.channel()).toBeUndefined();
    expect(await onQueue()).toStrictEqual([[pauseMs, 'u1,u2']]);
  });

  test('a quota of one is none that is used up', async () => {
    world.mailer.allowance = { perSecond: Infinity, leftToday: 1 };
    expect(await send(messageTo(1))).toStrictEqual({ sent: 1 });
  });

  test('welcomes of a ledger go out in one way', async () => {
    await world.ledger.keepChannel('maildir');
    const { paused } = await send(messageTo(1));
    expect(paused?.message).toBe('Its welcomes go out by maildir, and this is memory.');
    expect([world.mailer.sends, world.ledger.size]).toStrictEqual([0, 0]);
    expect(await onQueue()).toStrictEqual([[pauseMs, 'u1']]);
  });

  test('the way is kept with the first message, and asked for once', async () => {
    const asked: unknown[] = [];
    const ledger = faulty(world.ledger, { before: { keepChannel: (_, kind) => asked.push(kind) } });
    const sender = new WelcomeSender({ ...ports, ledger }, { from: { address: 'team@example.com' }, pauseMs });
    await sender.send('message-1', messageTo(1), nobody);
    await sender.send('message-2', messageTo(2), nobody);
    expect([asked, await world.ledger.channel()]).toStrictEqual([['memory'], 'memory']);
  });
});

describe('a stop', () => {
  test('before the message: it goes back as it was', async () => {
    expect(await send(messageTo(1, 2), {}, AbortSignal.abort())).toStrictEqual({ sent: 0 });
    expect(world.ledger.size).toBe(0);
    expect(await onQueue()).toStrictEqual([[0, 'u1,u2']]);
  });

  test('in the middle: what is under way is finished, and all others are put back at once', async () => {
    const stop = new AbortController();
    const mailer = new MemoryMailer({ concurrency: 1 });
    mailer.allowance = { perSecond: 1, leftToday: Infinity };
    mailer.answer = () => {
      stop.abort();
      return 'take';
    };
    expect(await send(messageTo(...upTo(7)), { mailer }, stop.signal)).toStrictEqual({ sent: 1 });
    expect(await statesOf(...upTo(7))).toStrictEqual(['sent', 'waiting', 'waiting', 'waiting', 'waiting', undefined, undefined]);
    expect(await recordOf(2)).toMatchObject({ attempts: 0, uncertainSends: 0 });
    expect(await onQueue()).toStrictEqual([[0, 'u2,u3,u4,u5,u6,u7']]);
  });
});

describe('a claim that is too short by now', () => {
  test.each([
    ['long enough for the slowest send', leaseMs - sendTimeoutMs, 1],
    ['too short for it', leaseMs - sendTimeoutMs + 1, 0],
  ])('%s', async (_, waitedMs, sends) => {
    const ledger = faulty(world.ledger, { after: { replace: (call) => call === 1 && world.clock.sleep(waitedMs) } });
    const sending = send(messageTo(1), { ledger });
    await world.advance(waitedMs);
    expect(await sending).toStrictEqual({ sent: sends });
    expect(world.mailer.sends).toBe(sends);
    expect((await onQueue()).length).toBe(1 - sends);
    expect(await recordOf(1)).toMatchObject({ state: sends ? 'sent' : 'waiting', attempts: 0 });
  });
});

describe('something else that fails', () => {
  test('a welcome that cannot be composed is given up at once', async () => {
    const broken: TemplateRenderer = {
      render: ({ name }) => {
        if (name === 'Name 2') throw new Error('There is no {{town}}.', { cause: new Error('line 3') });
        return templates.render({ name, email: '', attributes: {} });
      },
    };
    expect(await send(messageTo(1, 2, 3), { templates: broken })).toStrictEqual({ sent: 2 });
    expect(await letters()).toMatchObject([{ code: 'mail-failed', cause: 'There is no {{town}}. (line 3)' }]);
    expect(await recordOf(2)).toMatchObject({ state: 'failed', cause: 'There is no {{town}}. (line 3)' });
  });

  test('a ledger that is away while a claim is made is raised, and nothing is sent', async () => {
    const ledger = faulty(world.ledger, {
      before: {
        replace: () => {
          throw new LedgerUnavailable('away');
        },
      },
    });
    await expect(send(messageTo(1), { ledger })).rejects.toThrow(new LedgerUnavailable('away'));
    expect(world.mailer.sends).toBe(0);
  });

  describe('where the ledger does not take what became of a send', () => {
    /** The ledger, which is away for so many tries to write how the first one's send ended. */
    const away = (tries: number, error: Error) => {
      let met = 0;
      return faulty(world.ledger, {
        before: {
          replace: (_, [record]) => {
            if (record?.userId === 'u1' && record.state !== 'claimed' && met++ < tries) throw error;
          },
        },
      });
    };

    test('it is asked again, so that a mail which went out does not count as uncertain', async () => {
      const before = world.now();
      const sending = send(messageTo(1), { ledger: away(4, new LedgerUnavailable('away')) });
      await world.advance(60_000);
      expect(await sending).toStrictEqual({ sent: 1 });
      expect(await recordOf(1)).toMatchObject({ state: 'sent', at: before });
    });

    test('after five times it is raised, when the other sends have ended', async () => {
      const open: (() => void)[] = [];
      world.mailer.answer = ({ userId }) => (userId === 'u1' ? 'take' : new Promise((resolve) => open.push(() => resolve('take'))));
      let ended = false;
      const sending = send(messageTo(1, 2), { ledger: away(5, new LedgerUnavailable('away')) }).finally(() => (ended = true));
      sending.catch(() => undefined);
      await world.advance(20_000);
      expect(ended).toBe(false);
      for (const done of open) done();
      await expect(sending).rejects.toThrow(new LedgerUnavailable('away'));
      expect(await statesOf(1, 2)).toStrictEqual(['claimed', 'sent']);
    });

    test('a defect is raised at once', async () => {
      await expect(send(messageTo(1), { ledger: away(1, new TypeError('odd')) })).rejects.toThrow(new TypeError('odd'));
    });
  });

  test('a queue that is away when the rest is handed on is raised', async () => {
    answering({ u1: ['be-unavailable'] });
    const welcomes = faulty(world.welcomes, {
      before: {
        send: () => {
          throw new QueueUnavailable('away');
        },
      },
    });
    await expect(send(messageTo(1), { welcomes })).rejects.toThrow('away');
  });

  test('what is raised while a letter is put leaves nothing acknowledged as handed on', async () => {
    answering({ u1: ['refuse'], u2: ['be-unavailable'] });
    const put: string[] = [];
    const deadLetters = faulty(world.deadLetters, {
      before: { put: () => put.push(`letters, with ${world.welcomes.texts().length} messages sent`) },
    });
    await send(messageTo(1, 2), { deadLetters });
    expect(put).toStrictEqual(['letters, with 0 messages sent']);
    expect(world.welcomes.texts()).toHaveLength(1);
  });
});

/** A record as it is before it is first written. */
function blank(n: number): WelcomeRecord {
  return { userId: `u${n}`, importId: 'import-a', revision: 0, state: 'waiting', attempts: 0, uncertainSends: 0, at: world.now() };
}
