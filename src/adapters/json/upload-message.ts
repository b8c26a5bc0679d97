import type { Codec } from '../../ports/codec.ts';
import type { UploadMessage } from '../../ports/vocabulary.ts';
import { Envelope } from './envelope.ts';
import { word } from './values.ts';

const envelope = new Envelope('upload', { importId: word });

/** Messages of the `uploads` queue: `{"v":1,"kind":"upload","importId":…}`. */
export const jsonUploadMessages: Codec<UploadMessage> = {
  encode: ({ importId }) => envelope.seal({ importId }),
  decode: (text) => envelope.open(text, (content) => content),
};
