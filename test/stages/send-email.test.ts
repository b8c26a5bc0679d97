import { beforeEach, describe, expect, test } from '@jest/globals';
import { WelcomeSender } from '../../src/domain/onboarding/send-welcomes.ts';
import { sendEmailStage } from '../../src/entrypoints/stages/send-email.ts';
import { acknowledged } from '../../src/entrypoints/stages/stage.ts';
import { LedgerUnavailable } from '../../src/ports/import-ledger.ts';
import { QueueUnavailable, type MessageQueue } from '../../src/ports/message-queue.ts';
import type { WelcomeMessage } from '../../src/ports/vocabulary.ts';
import type { WelcomeLedger } from '../../src/ports/welcome-ledger.ts';
import { faulty } from '../domain/faulty.ts';
import { MemoryWorld } from '../domain/world.ts';
import { deliveryOf, longest, nobody, raising, unreadable } from './deliveries.ts';

let world: MemoryWorld;
beforeEach(() => {
  world = new MemoryWorld();
});

const messageTo = (...users: readonly string[]): WelcomeMessage => ({
  recipients: users.map((userId) => ({ userId, address: `${userId}@example.com`, name: userId, importId: 'import-a' })),
});

function stage(parts: { readonly ledger?: WelcomeLedger; readonly welcomes?: MessageQueue<WelcomeMessage> } = {}) {
  const { welcomes, ledger, mailer, schedule, deadLetters, codec, clock, ids } = world;
  const failures = { deadLetters, clock, ids, random: longest };
  const templates = { render: () => ({ subject: 'Welcome', html: 'Hi', text: 'Hi' }) };
  const composer = { compose: () => Promise.resolve(Buffer.from('mail')) };
  const ports = { templates, composer, welcomes, ledger, mailer, schedule, codec, ...failures, ...parts };
  return sendEmailStage({ ...failures, sender: new WelcomeSender(ports, { from: { address: 'team@example.com' }, pauseMs: 5_000 }) });
}

describe('send-email', () => {
  test('has its name', () => {
    expect(stage().name).toBe('send-email');
  });

  test('welcomes go out, and are acknowledged when they are confirmed', async () => {
    expect(await stage().handle([deliveryOf(messageTo('u1', 'u2')), deliveryOf(messageTo('u3'))], nobody)).toStrictEqual([
      acknowledged,
      acknowledged,
    ]);
    expect((await world.ledger.totals()).sent).toBe(3);
  });

  test('a message whose turn is not soon is let go of until then', async () => {
    world.mailer.allowance = { perSecond: 0.1, leftToday: Infinity };
    await world.schedule.reserve('another', 7_000, world.now());
    expect(await stage().handle([deliveryOf(messageTo('u1'))], nobody)).toStrictEqual([{ verdict: 'release', delayMs: 7_000 }]);
    expect(world.mailer.sends).toBe(0);
  });

  test('while nothing is sent the message is handed on, and whoever feeds the stage slows down', async () => {
    world.mailer.answer = () => 'pause';
    const [verdict] = await stage().handle([deliveryOf(messageTo('u1'))], nobody);
    expect(verdict).toMatchObject({ verdict: 'acknowledge', trouble: { code: 'mail-paused' } });
    expect(await world.welcomes.depth()).toMatchObject({ delayed: 1 });
  });

  test('where the ledger is away the message comes again', async () => {
    const error = new LedgerUnavailable('away');
    const ledger = faulty(world.ledger, { before: { keepChannel: raising(error) } });
    expect(await stage({ ledger }).handle([deliveryOf(messageTo('u1'), { receives: 3 })], nobody)).toStrictEqual([
      { verdict: 'release', delayMs: 1_000, error, trouble: error },
    ]);
    expect(world.mailer.sends).toBe(0);
  });

  test('where what is left cannot be handed on the message comes again, and finds the sent ones sent', async () => {
    world.mailer.answer = ({ userId }) => (userId === 'u1' ? 'take' : 'be-unavailable');
    const error = new QueueUnavailable('away');
    const welcomes = faulty(world.welcomes, { before: { send: (call) => (call === 1 ? raising(error)() : undefined) } });
    const broken = stage({ welcomes });
    expect(await broken.handle([deliveryOf(messageTo('u1', 'u2'))], nobody)).toMatchObject([{ verdict: 'release', trouble: error }]);
    expect(await broken.handle([deliveryOf(messageTo('u1', 'u2'))], nobody)).toStrictEqual([acknowledged]);
    expect(world.mailer.sends).toBe(2);
    expect(await world.welcomes.depth()).toMatchObject({ delayed: 1 });
  });

  test('a defect leaves the message on its queue', async () => {
    const error = new TypeError('odd');
    const ledger = faulty(world.ledger, { before: { replace: raising(error) } });
    expect(await stage({ ledger }).handle([deliveryOf(messageTo('u1'))], nobody)).toStrictEqual([
      { verdict: 'release', delayMs: 250, error },
    ]);
  });

  test('a text that is no message lies in dead letters, and the others go out', async () => {
    expect(await stage().handle([unreadable(), deliveryOf(messageTo('u1'))], nobody)).toStrictEqual([acknowledged, acknowledged]);
    expect(await world.deadLetters.list({}, 10)).toMatchObject([{ queue: 'welcomes', text: 'gibberish', code: 'unreadable-message' }]);
    expect(world.mailer.sends).toBe(1);
  });

  test('stopped, the recipients go back at once', async () => {
    expect(await stage().handle([deliveryOf(messageTo('u1'))], AbortSignal.abort())).toStrictEqual([acknowledged]);
    expect([world.mailer.sends, await world.welcomes.depth()]).toMatchObject([0, { ready: 1 }]);
  });
});
