import { expect, test } from '@jest/globals';
import { composeWelcome } from '../../../src/domain/onboarding/compose-welcome.ts';
import type { Message } from '../../../src/ports/message-composer.ts';
import { TemplateFaulty, type TemplateValues } from '../../../src/ports/template-renderer.ts';

const recipient = { userId: 'u1', address: 'ada@example.com', name: 'Ada', importId: 'import-a' };
const from = { name: 'Team', address: 'team@mail.example.com' };

async function composed(of = recipient) {
  const values: TemplateValues[] = [];
  const messages: Message[] = [];
  const bytes = await composeWelcome(
    {
      templates: { render: (given) => (values.push(given), { subject: 'Welcome', html: '<p>Hi</p>', text: 'Hi' }) },
      composer: { compose: (message) => (messages.push(message), Promise.resolve(Buffer.from('bytes'))) },
    },
    from,
    of,
    123_456,
  );
  return { values, messages, bytes };
}

test('a welcome says who it is from and for, and is named after its user', async () => {
  const { messages, values, bytes } = await composed();
  expect(Buffer.from(bytes).toString()).toBe('bytes');
  expect(values).toStrictEqual([{ name: 'Ada', email: 'ada@example.com', attributes: {} }]);
  expect(messages).toStrictEqual([
    {
      subject: 'Welcome',
      html: '<p>Hi</p>',
      text: 'Hi',
      from,
      to: { address: 'ada@example.com', name: 'Ada' },
      messageId: 'u1@mail.example.com',
      date: 123_456,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    },
  ]);
});

test('the template knows the attributes', async () => {
  const of = { ...recipient, attributes: { city: 'Berlin' } };
  expect((await composed(of)).values).toStrictEqual([{ name: 'Ada', email: 'ada@example.com', attributes: { city: 'Berlin' } }]);
});

test('a faulty template is raised', async () => {
  const templates = {
    render: () => {
      throw new TemplateFaulty('There is no {{town}}.');
    },
  };
  const composing = async () =>
    composeWelcome({ templates, composer: { compose: () => Promise.resolve(Buffer.of()) } }, from, recipient, 0);
  await expect(composing()).rejects.toThrow('There is no {{town}}.');
});
