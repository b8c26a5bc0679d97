import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MailPaused, MailRefused, MailUnavailable, MailUncertain, type Envelope, type Mailer } from '../../src/ports/mailer.ts';
import { testsNeeding, type Lacks } from './world.ts';

/** A mailer, and what it leads to. */
export interface MailerWorld {
  readonly mailer: Mailer;
  /** The messages that were taken, in any order; read behind the adapter. */
  taken(): Promise<readonly Uint8Array[]>;
  /** The envelopes that the other side saw, where it sees them. */
  envelopes?(): Promise<readonly Pick<Envelope, 'from' | 'to'>[]>;
  /** Makes the other side answer every message like this from now on. */
  answer(how: MailerAnswer): Promise<void>;
  close(): Promise<void>;
}

export type MailerAnswer = 'take' | 'refuse' | 'be unavailable' | 'pause' | 'be uncertain';

/** What every mailer promises. `lacks` says which answers the technology cannot give, and why. */
export function mailerContract(label: string, open: () => Promise<MailerWorld>, lacks: Lacks<MailerAnswer>): void {
  describe(`Mailer: ${label}`, () => {
    let world: MailerWorld;
    const needing = testsNeeding(lacks);

    beforeEach(async () => {
      world = await open();
    });

    afterEach(async () => {
      await world.mailer.close();
      await world.close();
    });

    test('says how mail goes out, and bounds what it does', async () => {
      const { kind, concurrency, sendTimeoutMs } = world.mailer;
      expect(kind).toMatch(/^[a-z]+$/);
      expect(concurrency).toBeGreaterThanOrEqual(1);
      expect(Number.isInteger(concurrency)).toBe(true);
      expect(sendTimeoutMs).toBeGreaterThan(0);
      expect(sendTimeoutMs).toBeLessThan(Infinity);
      const quota = await world.mailer.quota();
      expect(quota.perSecond).toBeGreaterThan(0);
      expect(quota.leftToday).toBeGreaterThanOrEqual(0);
    });

    test('hands over the very bytes', async () => {
      await world.mailer.send(envelope('u1'), message('u1'));
      expect((await world.taken()).map(textOf)).toEqual([textOf(message('u1'))]);
      if (world.envelopes) expect(await world.envelopes()).toEqual([{ from: 'welcome@example.com', to: 'u1@example.com' }]);
    });

    test('does not touch the bytes it is given', async () => {
      const bytes = message('u1');
      await world.mailer.send(envelope('u1'), bytes);
      expect(textOf(bytes)).toBe(textOf(message('u1')));
    });

    test('takes many at once, each one once', async () => {
      const users = Array.from({ length: 60 }, (_, index) => `u${index}`);
      await Promise.all(users.map((user) => world.mailer.send(envelope(user), message(user))));
      expect((await world.taken()).map(textOf).sort()).toEqual(users.map((user) => textOf(message(user))).sort());
    });

    test('leaves one or two of a message sent twice, as it says', async () => {
      await world.mailer.send(envelope('u1'), message('u1'));
      await world.mailer.send(envelope('u1'), message('u1'));
      expect(await world.taken()).toHaveLength(world.mailer.idempotent ? 1 : 2);
    });

    const failures = [
      ['refuse', MailRefused, 0],
      ['be unavailable', MailUnavailable, 0],
      ['pause', MailPaused, 0],
      ['be uncertain', MailUncertain, 1],
    ] as const;
    for (const [how, fact, atMost] of failures) {
      needing(how, `tells when the other side would ${how}, and goes on afterwards`, async () => {
        await world.answer(how);
        const failure: unknown = await world.mailer.send(envelope('u1'), message('u1')).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(fact);
        expect((failure as Error).message).not.toBe('');
        const before = (await world.taken()).length;
        expect(before).toBeLessThanOrEqual(atMost);
        await world.answer('take');
        await world.mailer.send(envelope('u2'), message('u2'));
        expect((await world.taken()).map(textOf)).toContain(textOf(message('u2')));
        expect(await world.taken()).toHaveLength(before + 1);
      });
    }
  });
}

function envelope(user: string): Envelope {
  return { from: 'welcome@example.com', to: `${user}@example.com`, userId: user };
}

/** A message with what transports trip over: lines that begin with a dot, a dot alone, and `From `. */
function message(user: string): Uint8Array {
  const lines = ['From: welcome@example.com', `To: ${user}@example.com`, '', 'Hello', '.', '..two dots', '.one dot', 'From here on', ''];
  return Buffer.from(lines.join('\r\n'));
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
