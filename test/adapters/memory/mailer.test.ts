import { expect, test } from '@jest/globals';
import { MemoryMailer, MemorySentMail, type MemoryAnswer } from '../../../src/adapters/memory/mailer.ts';
import { MailUncertain } from '../../../src/ports/mailer.ts';
import { mailerContract, type MailerAnswer } from '../../contracts/mailer.contract.ts';
import { sentMailContract } from '../../contracts/sent-mail.contract.ts';

const answers: Readonly<Record<MailerAnswer, MemoryAnswer>> = {
  take: 'take',
  refuse: 'refuse',
  'be unavailable': 'be-unavailable',
  pause: 'pause',
  'be uncertain': 'be-uncertain',
};

for (const idempotent of [false, true]) {
  mailerContract(
    `memory, ${idempotent ? '' : 'not '}idempotent`,
    async () => {
      const mailer = new MemoryMailer({ idempotent });
      return {
        mailer,
        taken: async () => [...mailer.taken.values()].flatMap(({ bytes, times }) => Array.from({ length: times }, () => bytes)),
        envelopes: async () => [...mailer.taken.values()].map(({ envelope: { from, to } }) => ({ from, to })),
        answer: async (how) => {
          mailer.answer = () => answers[how];
        },
        close: async () => undefined,
      };
    },
    {},
  );
}

sentMailContract('memory', async () => {
  const mailer = new MemoryMailer();
  return { mailer, sentMail: new MemorySentMail(mailer), close: async () => undefined };
});

test('counts sends and what was taken, also where the answer is lost', async () => {
  const mailer = new MemoryMailer();
  const envelope = { from: 'a@example.com', to: 'b@example.com', userId: 'u1' };
  mailer.answer = () => 'lose';
  await expect(mailer.send(envelope, Buffer.from('x'))).rejects.toThrow(MailUncertain);
  expect([mailer.sends, mailer.taken.size]).toEqual([1, 0]);
  mailer.answer = () => 'be-uncertain';
  await expect(mailer.send(envelope, Buffer.from('x'))).rejects.toThrow(MailUncertain);
  mailer.answer = () => 'take';
  await mailer.send(envelope, Buffer.from('x'));
  expect([mailer.sends, mailer.taken.get('u1')?.times]).toEqual([3, 2]);
});

test('decides by envelope, and waits for the decision', async () => {
  const mailer = new MemoryMailer();
  mailer.answer = async ({ to }) => (to === 'b@example.com' ? 'refuse' : 'take');
  await expect(mailer.send({ from: 'a@example.com', to: 'b@example.com', userId: 'u1' }, Buffer.from('x'))).rejects.toThrow('refuses');
  await mailer.send({ from: 'a@example.com', to: 'c@example.com', userId: 'u2' }, Buffer.from('x'));
  expect([...mailer.taken.keys()]).toEqual(['u2']);
});
