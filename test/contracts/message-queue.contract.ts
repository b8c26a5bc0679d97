import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Codec } from '../../src/ports/codec.ts';
import type { MessageQueue } from '../../src/ports/message-queue.ts';
import type { Delivery, MessageSource } from '../../src/ports/message-source.ts';
import { CountingSignal } from './counting-signal.ts';
import { outlast, present, testsNeeding, upTo, type Lacks, type World } from './world.ts';

/** Both ends of one empty queue. */
export interface QueueWorld extends World {
  readonly queue: MessageQueue<Note>;
  readonly source: MessageSource<Note>;
  /** Puts a text on the queue behind the adapter. */
  inject(text: string): Promise<void>;
  /** The texts that the technology keeps for the queue, in whatever state they are; read behind the adapter. */
  peek(): Promise<readonly string[]>;
  /** The same queue through a connection of its own, as another process has it. Closed with the world. */
  peer?(): Promise<{ readonly queue: MessageQueue<Note>; readonly source: MessageSource<Note> }>;
}

export type QueueCapability =
  /** Several connections to one queue. */
  | 'peer'
  /** A depth that is exact at any moment. */
  | 'exact-depth'
  /** A receipt is good for nothing once its time is over, even while nobody has received the message anew. */
  | 'expiring-receipts'
  /** Texts of no length. */
  | 'empty-texts';

/** The message of these tests. */
export interface Note {
  readonly n: number;
  readonly text: string;
}

/** Everything that MessageQueue and MessageSource promise of one queue. All times are fractions of the source's `visibilityMs`. */
export function messageQueueContract(
  label: string,
  factory: (codec: Codec<Note>) => Promise<QueueWorld>,
  lacks: Lacks<QueueCapability> = {},
): void {
  const testNeeding = testsNeeding(lacks);

  describe(`${label} keeps the contract of MessageQueue and MessageSource`, () => {
    let world: QueueWorld;
    let visibility: number;
    beforeEach(async () => {
      world = await factory(noteCodec);
      visibility = world.source.visibilityMs;
    });
    afterEach(() => world.close());

    const send = async (...notes: readonly Note[]) => {
      expect(await world.queue.send(notes.map((body) => ({ body })))).toStrictEqual([]);
    };
    const receive = (limit = 10) => world.source.receive(limit, 0);
    const receiveOne = async () => only(await receive());

    describe('sending and receiving', () => {
      test('a message comes out as it went in', async () => {
        const before = world.now();
        await send({ n: 1, text: 'Zoë 李雷 🎉 \u0000 "quoted"\r\n' });
        const delivery = await receiveOne();
        expect(delivery.content).toStrictEqual({ ours: true, message: { n: 1, text: 'Zoë 李雷 🎉 \u0000 "quoted"\r\n' } });
        expect(delivery.receives).toBe(1);
        expect(delivery.sentAt).toBeGreaterThanOrEqual(before);
        expect(delivery.sentAt).toBeLessThanOrEqual(world.now());
      });

      test('a large message comes out whole', async () => {
        const text = 'ü'.repeat(120_000);
        await send({ n: 1, text });
        expect(numbersAndTexts([await receiveOne()])).toStrictEqual([[1, text]]);
      });

      test('what the sender does to its object afterwards changes nothing', async () => {
        const note = { n: 1, text: 'as sent' };
        await send(note);
        note.text = 'changed';
        const first = await receiveOne();
        expect(numbersAndTexts([first])).toStrictEqual([[1, 'as sent']]);
        if (first.content.ours) (first.content.message as { text: string }).text = 'changed by the receiver';
        await world.source.release([first.receipt], 0);
        expect(numbersAndTexts([await receiveOne()])).toStrictEqual([[1, 'as sent']]);
      });

      test('an empty queue answers with none', async () => {
        expect(await receive()).toStrictEqual([]);
      });

      test('sending, acknowledging, releasing and extending nothing is harmless', async () => {
        await send();
        await world.source.acknowledge([]);
        await world.source.release([], 0);
        await world.source.extend([]);
        expect(await receive()).toStrictEqual([]);
      });

      test('no more than the limit come at once', async () => {
        await send(...notes(5));
        const first = await receive(3);
        const second = await receive(3);
        expect([first.length, second.length]).toStrictEqual([3, 2]);
        expect(sortedNumbers([...first, ...second])).toStrictEqual([1, 2, 3, 4, 5]);
      });

      test('every message has an id and every delivery a receipt of its own', async () => {
        await send(...notes(5));
        const deliveries = await receive();
        expect(new Set(deliveries.map(({ id }) => id)).size).toBe(5);
        expect(new Set(deliveries.map(({ receipt }) => receipt)).size).toBe(5);
      });

      test('equal messages are messages of their own', async () => {
        await send({ n: 1, text: 'same' }, { n: 1, text: 'same' });
        const deliveries = await receive();
        expect(new Set(deliveries.map(({ id }) => id)).size).toBe(2);
      });

      test('of 1,000 messages concurrent receivers get each exactly once', async () => {
        await Promise.all(upTo(10).map((tenth) => send(...notes(100, (tenth - 1) * 100))));
        const received: Delivery<Note>[] = [];
        const drain = async () => {
          for (;;) {
            const deliveries = await receive(7);
            if (deliveries.length === 0) return;
            received.push(...deliveries);
            await world.source.acknowledge(deliveries.map(({ receipt }) => receipt));
          }
        };
        await Promise.all(upTo(5).map(drain));
        expect(sortedNumbers(received)).toStrictEqual(upTo(1_000));
        await world.advance(visibility);
        expect(await receive()).toStrictEqual([]);
      });

      test('what is acknowledged is kept no longer, and what is not is', async () => {
        await send(...notes(2));
        const [first, second] = await receive();
        await world.source.acknowledge([present(first).receipt]);
        expect(await world.peek()).toStrictEqual([present(second)].map(({ content }) => content.ours && noteCodec.encode(content.message)));
      });
    });

    describe('a text that is not one of ours', () => {
      const comesOutAsItIs = async (text: string) => {
        await world.inject(text);
        expect((await receiveOne()).content).toStrictEqual({ ours: false, text, why: 'not a note' });
      };
      test.each(['not json', '{"n":"1"}', 'null', ' ', '李雷 🎉'])('%j comes out as it is, with the reason', comesOutAsItIs);
      testNeeding('empty-texts', 'an empty text comes out as it is, with the reason', () => comesOutAsItIs(''));

      test('it can be acknowledged, and the others are not held up', async () => {
        await world.inject('not json');
        await send({ n: 1, text: 'fine' });
        const deliveries = await receive();
        expect(deliveries.map(({ content }) => content.ours).sort()).toStrictEqual([false, true]);
        await world.source.acknowledge(deliveries.map(({ receipt }) => receipt));
        await world.advance(visibility);
        expect(await receive()).toStrictEqual([]);
      });
    });

    describe('visibility', () => {
      test('what is not acknowledged comes again after the visibility, and not before', async () => {
        await send({ n: 1, text: 'again' });
        const first = await receiveOne();
        await world.advance(visibility / 2);
        expect(await receive()).toStrictEqual([]);
        await world.advance(visibility / 2);
        const second = await receiveOne();
        expect(second.content).toStrictEqual(first.content);
        expect(second.id).toBe(first.id);
        expect(second.sentAt).toBe(first.sentAt);
        expect(second.receipt).not.toBe(first.receipt);
        expect([first.receives, second.receives]).toStrictEqual([1, 2]);
        await world.advance(visibility);
        expect((await receiveOne()).receives).toBe(3);
      });

      test('what is acknowledged does not come again', async () => {
        await send(...notes(3));
        const deliveries = await receive();
        const kept = present(deliveries[1]);
        await world.source.acknowledge(deliveries.filter((delivery) => delivery !== kept).map(({ receipt }) => receipt));
        await world.advance(visibility);
        expect((await receive()).map(({ id }) => id)).toStrictEqual([kept.id]);
      });

      test('acknowledging twice, or what nobody ever received, is ignored', async () => {
        await send(...notes(2));
        const [first] = await receive(1);
        await world.source.acknowledge([present(first).receipt]);
        await world.source.acknowledge([present(first).receipt, 'no such receipt']);
        expect(await receive()).toHaveLength(1);
      });

      test('the receipt of an earlier delivery cannot take a message from who received it anew', async () => {
        await send({ n: 1, text: 'late' });
        const late = await receiveOne();
        await world.advance(visibility);
        await receiveOne();
        await world.source.acknowledge([late.receipt]);
        await world.advance(visibility);
        expect((await receiveOne()).id).toBe(late.id);
      });

      test('the receipt of an earlier delivery releases nothing', async () => {
        await send({ n: 1, text: 'late' });
        const late = await receiveOne();
        await world.advance(visibility);
        await receiveOne();
        await world.source.release([late.receipt], 0);
        expect(await receive()).toStrictEqual([]);
      });

      test('the receipt of an earlier delivery extends nothing', async () => {
        await send({ n: 1, text: 'late' });
        const late = await receiveOne();
        await world.advance(visibility);
        await receiveOne();
        await world.advance(visibility / 2);
        await world.source.extend([late.receipt]);
        await world.advance(visibility / 2);
        expect((await receiveOne()).receives).toBe(3);
      });

      testNeeding('expiring-receipts', 'a receipt whose time is over is ignored', async () => {
        await send(...notes(3));
        const [acknowledged, released, extended] = (await receive()).map(({ receipt }) => receipt);
        await world.advance(visibility);
        await world.source.acknowledge([present(acknowledged)]);
        await world.source.release([present(released)], visibility);
        await world.source.extend([present(extended)]);
        expect(sortedNumbers(await receive())).toStrictEqual([1, 2, 3]);
      });
    });

    describe('releasing', () => {
      test('a released message comes again at once, with its count', async () => {
        await send({ n: 1, text: 'again' });
        const first = await receiveOne();
        await world.source.release([first.receipt], 0);
        const second = await receiveOne();
        expect([second.id, second.receives]).toStrictEqual([first.id, 2]);
      });

      test('a message released with a delay comes after it, and not before', async () => {
        await send({ n: 1, text: 'again' });
        await world.source.release([(await receiveOne()).receipt], visibility * 2);
        await world.advance(visibility);
        expect(await receive()).toStrictEqual([]);
        await world.advance(visibility);
        expect((await receiveOne()).receives).toBe(2);
      });

      test('only the named ones are released', async () => {
        await send(...notes(4));
        const deliveries = await receive();
        const released = deliveries.slice(0, 2);
        await world.source.release([...released.map(({ receipt }) => receipt), 'no such receipt'], 0);
        expect(sortedNumbers(await receive())).toStrictEqual(sortedNumbers(released));
      });
    });

    describe('extending', () => {
      test('an extended message stays invisible for the whole visibility from then on', async () => {
        await send({ n: 1, text: 'long work' });
        const first = await receiveOne();
        await world.advance(visibility / 2);
        await world.source.extend([first.receipt]);
        await world.advance(visibility * 0.75);
        expect(await receive()).toStrictEqual([]);
        await world.advance(visibility / 4);
        expect((await receiveOne()).receives).toBe(2);
      });

      test('the receipt stays good after it', async () => {
        await send({ n: 1, text: 'long work' });
        const first = await receiveOne();
        await world.advance(visibility / 2);
        await world.source.extend([first.receipt]);
        await world.advance(visibility * 0.75);
        await world.source.acknowledge([first.receipt]);
        await world.advance(visibility);
        expect(await receive()).toStrictEqual([]);
      });
    });

    describe('delays', () => {
      test('a delayed message comes after its delay, and not before; the others come at once', async () => {
        await world.queue.send([
          { body: { n: 1, text: 'later' }, delayMs: visibility },
          { body: { n: 2, text: 'now' } },
          { body: { n: 3, text: 'now, too' }, delayMs: 0 },
        ]);
        const prompt = await receive();
        expect(sortedNumbers(prompt)).toStrictEqual([2, 3]);
        await world.source.acknowledge(prompt.map(({ receipt }) => receipt));
        await world.advance(visibility / 2);
        expect(await receive()).toStrictEqual([]);
        await world.advance(visibility / 2);
        const delayed = await receiveOne();
        expect([delayed.content, delayed.receives]).toStrictEqual([{ ours: true, message: { n: 1, text: 'later' } }, 1]);
      });
    });

    describe('waiting', () => {
      const long = () => visibility * 10;

      test('a wait for nothing ends after its time', async () => {
        const started = world.now();
        expect(await outlast(world, world.source.receive(1, visibility), visibility / 4)).toStrictEqual([]);
        expect(world.now() - started).toBeGreaterThanOrEqual(visibility);
      });

      test('a ready message does not wait', async () => {
        await send({ n: 1, text: 'ready' });
        expect(await world.source.receive(10, long())).toHaveLength(1);
      });

      test('a send in the same process wakes who waits', async () => {
        const waiting = world.source.receive(10, long());
        await world.advance(visibility / 4);
        await send({ n: 1, text: 'wake up' });
        expect(sortedNumbers(await waiting)).toStrictEqual([1]);
      });

      test('sends wake all who wait, and each message goes to one of them', async () => {
        const waiting = upTo(3).map(() => world.source.receive(1, long()));
        await world.advance(visibility / 4);
        await send(...notes(3));
        expect(sortedNumbers((await Promise.all(waiting)).flat())).toStrictEqual([1, 2, 3]);
      });

      test('a release wakes who waits', async () => {
        await send({ n: 1, text: 'again' });
        const { receipt } = await receiveOne();
        const started = world.now();
        const waiting = world.source.receive(1, long());
        await world.source.release([receipt], 0);
        expect(await outlast(world, waiting, visibility / 20)).toHaveLength(1);
        expect(world.now() - started).toBeLessThan(visibility);
      });

      test('a message that becomes visible ends the wait', async () => {
        await world.queue.send([{ body: { n: 1, text: 'later' }, delayMs: visibility }]);
        const started = world.now();
        const deliveries = await outlast(world, world.source.receive(10, long()), visibility / 4);
        expect(sortedNumbers(deliveries)).toStrictEqual([1]);
        expect(world.now() - started).toBeLessThan(long());
      });

      test('an abort ends the wait with none', async () => {
        const stop = new AbortController();
        const waiting = world.source.receive(10, long(), stop.signal);
        await world.advance(visibility / 4);
        stop.abort();
        expect(await waiting).toStrictEqual([]);
        await send({ n: 1, text: 'for somebody else' });
        expect(await receive()).toHaveLength(1);
      });

      test('a wait leaves no listener on the signal', async () => {
        const signal = new CountingSignal();
        await outlast(world, world.source.receive(1, visibility, signal), visibility / 4);
        expect(signal.listeners.size).toBe(0);
      });

      test('with a signal that was aborted before there is no wait', async () => {
        expect(await world.source.receive(10, long(), AbortSignal.abort())).toStrictEqual([]);
      });
    });

    describe('depth', () => {
      test('an empty queue has none', async () => {
        expect(await world.source.depth()).toStrictEqual({ ready: 0, inFlight: 0, delayed: 0 });
      });

      testNeeding('exact-depth', 'it tells ready, in flight and delayed messages apart', async () => {
        await send(...notes(3));
        await world.queue.send([{ body: { n: 4, text: 'later' }, delayMs: visibility * 2 }]);
        expect(await world.source.depth()).toStrictEqual({ ready: 3, inFlight: 0, delayed: 1 });
        const [first] = await receive(2);
        expect(await world.source.depth()).toStrictEqual({ ready: 1, inFlight: 2, delayed: 1 });
        await world.source.acknowledge([present(first).receipt]);
        expect(await world.source.depth()).toStrictEqual({ ready: 1, inFlight: 1, delayed: 1 });
        await world.advance(visibility);
        expect(await world.source.depth()).toStrictEqual({ ready: 2, inFlight: 0, delayed: 1 });
        await world.advance(visibility);
        expect(await world.source.depth()).toStrictEqual({ ready: 3, inFlight: 0, delayed: 0 });
      });

      testNeeding('exact-depth', 'a message released with a delay is not ready, and is in the queue', async () => {
        await send({ n: 1, text: 'again' });
        await world.source.release([(await receiveOne()).receipt], visibility);
        const { ready, inFlight, delayed } = await world.source.depth();
        expect([ready, inFlight + delayed]).toStrictEqual([0, 1]);
      });
    });

    describe('several connections', () => {
      testNeeding('peer', 'what one sends another receives, and nobody receives what another one holds', async () => {
        const peer = await present(world.peer).call(world);
        await send(...notes(2));
        const [mine] = await receive(1);
        const [theirs] = await peer.source.receive(10, 0);
        expect(sortedNumbers([present(mine), present(theirs)])).toStrictEqual([1, 2]);
        expect(await peer.source.receive(10, 0)).toStrictEqual([]);
        await peer.source.acknowledge([present(theirs).receipt]);
        await world.advance(visibility);
        expect((await peer.source.receive(10, 0)).map(({ id }) => id)).toStrictEqual([present(mine).id]);
      });

      testNeeding('peer', 'they share 300 messages, each exactly once', async () => {
        const peer = await present(world.peer).call(world);
        await Promise.all([send(...notes(150)), peer.queue.send(notes(150, 150).map((body) => ({ body })))]);
        const received: Delivery<Note>[] = [];
        const drain = async (source: MessageSource<Note>) => {
          for (;;) {
            const deliveries = await source.receive(7, 0);
            if (deliveries.length === 0) return;
            received.push(...deliveries);
            await source.acknowledge(deliveries.map(({ receipt }) => receipt));
          }
        };
        await Promise.all([drain(world.source), drain(peer.source), drain(world.source), drain(peer.source)]);
        expect(sortedNumbers(received)).toStrictEqual(upTo(300));
      });

      testNeeding('peer', 'who waits finds in time what another one sent', async () => {
        const peer = await present(world.peer).call(world);
        const started = world.now();
        const waiting = world.source.receive(10, visibility * 10);
        await peer.queue.send([{ body: { n: 1, text: 'from elsewhere' } }]);
        expect(sortedNumbers(await outlast(world, waiting, visibility / 20))).toStrictEqual([1]);
        expect(world.now() - started).toBeLessThan(visibility * 10);
      });
    });
  });
}

/** The codec that the suite hands in: plain JSON. */
export const noteCodec: Codec<Note> = {
  encode: ({ n, text }) => JSON.stringify({ n, text }),
  decode: (text) => {
    const message = parsed(text);
    return isNote(message) ? { ours: true, message } : { ours: false, text, why: 'not a note' };
  },
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isNote(value: unknown): value is Note {
  return typeof value === 'object' && value !== null && 'n' in value && typeof value.n === 'number' && 'text' in value;
}

function notes(count: number, after = 0): Note[] {
  return upTo(count).map((n) => ({ n: after + n, text: `note ${after + n}` }));
}

function numbersAndTexts(deliveries: readonly Delivery<Note>[]): (readonly [number, string])[] {
  return deliveries.map(({ content }) => {
    if (!content.ours) throw new Error(`not one of ours: ${content.text}`);
    return [content.message.n, content.message.text] as const;
  });
}

function sortedNumbers(deliveries: readonly Delivery<Note>[]): number[] {
  return numbersAndTexts(deliveries)
    .map(([n]) => n)
    .sort((a, b) => a - b);
}

function only(deliveries: readonly Delivery<Note>[]): Delivery<Note> {
  expect(deliveries).toHaveLength(1);
  return present(deliveries[0]);
}
