import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Mailer } from '../../src/ports/mailer.ts';
import type { SentMail } from '../../src/ports/sent-mail.ts';

/** A mailer and the mail that it keeps. */
export interface SentMailWorld {
  readonly mailer: Mailer;
  readonly sentMail: SentMail;
  close(): Promise<void>;
}

/** What whoever keeps sent mail promises. */
export function sentMailContract(label: string, open: () => Promise<SentMailWorld>): void {
  describe(`SentMail: ${label}`, () => {
    let world: SentMailWorld;

    beforeEach(async () => {
      world = await open();
    });

    afterEach(async () => {
      await world.mailer.close();
      await world.close();
    });

    test('has nothing of a user who was sent nothing, also where nobody was sent anything', async () => {
      expect(await world.sentMail.find('u1')).toBeUndefined();
      await send('u2', 'two');
      expect(await world.sentMail.find('u1')).toBeUndefined();
    });

    test('has every message byte for byte', async () => {
      const octets = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 10 && byte !== 13));
      const bytes = Buffer.concat([Buffer.from('Subject: all octets\r\n\r\n'), octets, Buffer.from('\r\n\r\n')]);
      await world.mailer.send({ from: 'welcome@example.com', to: 'u1@example.com', userId: 'u1' }, bytes);
      await send('u2', 'two');
      expect(Buffer.from((await world.sentMail.find('u1')) ?? [])).toEqual(bytes);
      expect(Buffer.from((await world.sentMail.find('u2')) ?? []).toString()).toBe('two');
    });

    test('keeps apart ids of any shape', async () => {
      const ids = ['a', 'A', 'a/b', '../a', 'a:2,S', '.a', 'é', 'x'.repeat(300), ''];
      for (const id of ids) await send(id, `for ${id}`);
      for (const id of ids) expect(Buffer.from((await world.sentMail.find(id)) ?? []).toString()).toBe(`for ${id}`);
    });

    async function send(user: string, text: string): Promise<void> {
      await world.mailer.send({ from: 'welcome@example.com', to: 'someone@example.com', userId: user }, Buffer.from(text));
    }
  });
}
