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
  importId: word,
});

const envelope = new Envelope('welcome', { recipients: z.array(recipient).readonly() });

/** Messages of the `welcomes` queue: `{"v":1,"kind":"welcome","recipients":[{"userId":…,"address":…,"name":…,"importId":…}]}`. */
export const jsonWelcomeMessages: Codec<WelcomeMessage> = {
  encode: ({ recipients }) => envelope.seal({ recipients }),
  decode: (text) => envelope.open(text, (content) => content),
};
