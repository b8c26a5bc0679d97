import type { Codec } from '../../ports/codec.ts';
import type { MessageQueue, Outgoing, Unsent } from '../../ports/message-queue.ts';

/** A queue of the other thread that takes texts: messages are encoded on this side, which has the time for it. */
export class ThreadMessageQueue<T> implements MessageQueue<T> {
  readonly #texts: MessageQueue<string>;
  readonly #codec: Codec<T>;

  constructor(texts: MessageQueue<string>, codec: Codec<T>) {
    this.#texts = texts;
    this.#codec = codec;
  }

  send(messages: readonly Outgoing<T>[]): Promise<readonly Unsent[]> {
    return this.#texts.send(messages.map((message) => ({ ...message, body: this.#codec.encode(message.body) })));
  }
}

/** For the end that the texts arrive at: a text is its own encoding. */
export const textCodec: Codec<string> = {
  encode: (text) => text,
  decode: (text) => ({ ours: true, message: text }),
};
