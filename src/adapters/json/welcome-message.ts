import * as z from 'zod';
import type { Codec } from '../../ports/codec.ts';
import type { WelcomeMessage } from '../../ports/vocabulary.ts';
import { Envelope } from './envelope.ts';
import { attributes, word } from './values.ts';

const recipient = z.strictObject({
  userId: word,
  address: word,
  name: z.string(),
  attributes: z.exactOptional(attributes),
  importId: z.exactOptional(word),
});

const envelope = new Envelope('welcome', { importId: z.exactOptional(word), recipients: z.array(recipient).readonly() });

/**
 * Messages of the `welcomes` queue: `{"v":1,"kind":"welcome","importId":…,"recipients":[{"userId":…,"address":…,"name":…}]}`. A recipient
 * of another import than the message's has its own `importId`: nearly always all are of one, and queues bill by size.
 */
export const jsonWelcomeMessages: Codec<WelcomeMessage> = {
  encode: ({ recipients }) => {
    const importId = recipients[0]?.importId;
    return envelope.seal({
      ...(importId !== undefined && { importId }),
      recipients: recipients.map(({ importId: own, ...rest }) => (own === importId ? rest : { ...rest, importId: own })),
    });
  },
  decode: (text) =>
    envelope.open(text, ({ importId: shared, recipients }) => {
      const read: WelcomeMessage['recipients'][number][] = [];
      for (const [index, { importId = shared, ...rest }] of recipients.entries()) {
        if (importId === undefined) return `"recipients.${index}.importId" is not as it should be (missing)`;
        read.push({ ...rest, importId });
      }
      return { recipients: read };
    }),
};
