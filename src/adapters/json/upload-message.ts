import * as z from 'zod';
import type { Codec } from '../../ports/codec.ts';
import type { UploadMessage } from '../../ports/vocabulary.ts';
import { Envelope } from './envelope.ts';
import { count, word } from './values.ts';

const upload = z.strictObject({ identity: word, location: word, name: z.string(), size: count });

const envelope = new Envelope('upload', { importId: z.exactOptional(word), landed: z.exactOptional(z.array(upload).readonly()) });

/**
 * Messages of the `uploads` queue: `{"v":1,"kind":"upload","importId":…}`,
 * or `{"v":1,"kind":"upload","landed":[{"identity":…,"location":…,"name":…,"size":…}]}`.
 */
export const jsonUploadMessages: Codec<UploadMessage> = {
  encode: (message) => envelope.seal('importId' in message ? { importId: message.importId } : { landed: message.landed }),
  decode: (text) =>
    envelope.open<UploadMessage>(text, ({ importId, landed }) => {
      if (importId !== undefined && landed === undefined) return { importId };
      if (importId === undefined && landed !== undefined) return { landed };
      return 'it has to name either an import or uploads';
    }),
};
