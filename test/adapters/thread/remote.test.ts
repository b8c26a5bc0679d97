import { afterEach, describe, expect, test } from '@jest/globals';
import { LedgerUnavailable } from '../../../src/ports/import-ledger.ts';
import { UploadMissing } from '../../../src/ports/upload-store.ts';
import { PortError, type StopSignal } from '../../../src/ports/vocabulary.ts';
import { ThreadWorld } from './world.ts';

interface Port {
  answer(...args: readonly unknown[]): Promise<unknown>;
  other(): Promise<unknown>;
}

describe('a port of the other thread', () => {
  let world: ThreadWorld;
  afterEach(() => world.close());

  const remote = (answer: (...args: readonly unknown[]) => unknown): Port => {
    world = new ThreadWorld({ port: { answer: async (...args: readonly unknown[]) => answer(...args) } });
    return world.remote.port<Port>('port', ['answer', 'other']);
  };
  const raised = (port: Port): Promise<unknown> =>
    port.answer().then(
      () => 'nothing was raised',
      (error: unknown) => error,
    );

  test.each([
    [undefined],
    [null],
    [0],
    ['Zoë 🎉 \0'],
    [[1, [2], { three: undefined }]],
    [{ list: [{ name: 'Ada' }], none: undefined }],
    [new Uint8Array([1, 2, 3])],
  ])('%j goes there and comes back', async (value) => {
    const seen: unknown[] = [];
    const port = remote((...args) => {
      seen.push(args);
      return value;
    });
    expect(await port.answer(value, 'second')).toStrictEqual(value);
    expect(seen).toStrictEqual([[value, 'second']]);
  });

  test('what is done to an argument afterwards changes nothing', async () => {
    const seen: unknown[] = [];
    const note = { text: 'as sent' };
    const call = remote((arg) => seen.push(arg)).answer(note);
    note.text = 'changed';
    await call;
    expect(seen).toStrictEqual([{ text: 'as sent' }]);
  });

  test('answers find their calls, in whatever order they come', async () => {
    const open: ((value: string) => void)[] = [];
    const port = remote(() => new Promise((resolve) => open.push(resolve)));
    const calls = [port.answer(), port.answer(), port.answer()];
    while (open.length < 3) await new Promise((resolve) => setImmediate(resolve));
    open[2]?.('third');
    open[0]?.('first');
    open[1]?.('second');
    expect(await Promise.all(calls)).toStrictEqual(['first', 'second', 'third']);
  });

  test('a method keeps its object', async () => {
    class Counter {
      #count = 0;
      add(): Promise<number> {
        return Promise.resolve(++this.#count);
      }
    }
    world = new ThreadWorld({ counter: new Counter() });
    const counter = world.remote.port<Counter>('counter', ['add']);
    expect([await counter.add(), await counter.add()]).toStrictEqual([1, 2]);
  });

  describe('what it raises', () => {
    test.each([
      [new LedgerUnavailable('The ledger is away.', { hint: 'Wait.' }), 'ledger-unavailable', true, 'Wait.'],
      [new UploadMissing('It is gone.'), 'upload-missing', false, undefined],
    ])('%s keeps its code, whether it can be retried, and its hint', async (error, code, retryable, hint) => {
      const met = await raised(remote(() => Promise.reject(error)));
      expect(met).toBeInstanceOf(PortError);
      expect(met).toMatchObject({ message: error.message, code, retryable });
      expect((met as PortError).hint).toBe(hint);
      expect((met as PortError).cause).toBeUndefined();
    });

    test('causes come too, however deep', async () => {
      const deep = new UploadMissing('It is gone.', { hint: 'Look.', cause: new Error('ENOENT', { cause: 'a text' }) });
      const met = (await raised(remote(() => Promise.reject(new Error('odd', { cause: deep }))))) as Error;
      expect(met).not.toBeInstanceOf(PortError);
      expect(met.message).toBe('odd');
      expect(met.cause).toBeInstanceOf(PortError);
      expect(met.cause).toMatchObject({ code: 'upload-missing', hint: 'Look.', message: 'It is gone.' });
      expect((met.cause as Error).cause).toMatchObject({ message: 'ENOENT', cause: { message: 'a text' } });
    });

    test('a plain error stays one, without a cause of its own', async () => {
      const met = (await raised(remote(() => Promise.reject(new TypeError('odd'))))) as Error;
      expect([met.message, met instanceof PortError, 'cause' in met]).toStrictEqual(['odd', false, false]);
    });

    test('something that is no error becomes one', async () => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what others raise is not ours to choose
      expect(await raised(remote(() => Promise.reject('a text')))).toMatchObject({ message: 'a text' });
    });

    test('a method or a port that is not there says so', async () => {
      const port = remote(() => 1);
      await expect(port.other()).rejects.toThrow('There is no port.other at the other end.');
      await expect(world.remote.port<Port>('nowhere', ['other']).other()).rejects.toThrow('There is no nowhere.other at the other end.');
      expect(await port.answer()).toBe(1);
    });

    test('an answer that cannot cross is a failure of that call alone', async () => {
      let answers = 0;
      const port = remote(() => (answers++ === 0 ? () => 1 : 'fine'));
      await expect(port.answer()).rejects.toThrow(/could not be cloned/);
      expect(await port.answer()).toBe('fine');
    });

    test('an argument that cannot cross is a failure of that call alone', async () => {
      const port = remote((value) => value);
      await expect(port.answer(() => 1)).rejects.toThrow(/could not be cloned/);
      expect(await port.answer('fine')).toBe('fine');
    });
  });

  describe('a stop', () => {
    const waiting = () =>
      remote(
        (limit, signal) =>
          new Promise((resolve) => {
            const stop = signal as StopSignal;
            if (stop.aborted) resolve(`stopped before, ${String(limit)}`);
            else stop.addEventListener('abort', () => resolve(`stopped, ${String(limit)}`), { once: true });
          }),
      );

    test('reaches the call that waits there', async () => {
      const stop = new AbortController();
      const call = waiting().answer(7, stop.signal);
      stop.abort();
      expect(await call).toBe('stopped, 7');
    });

    test('that came before the call reaches it too', async () => {
      expect(await waiting().answer(7, AbortSignal.abort())).toMatch(/^stopped.*, 7$/);
    });

    test('ends only the calls that it was given to', async () => {
      const [one, two] = [new AbortController(), new AbortController()];
      const port = waiting();
      const calls = [port.answer(1, one.signal), port.answer(2, two.signal)];
      two.abort();
      expect(await calls[1]).toBe('stopped, 2');
      one.abort();
      expect(await calls[0]).toBe('stopped, 1');
    });

    test('leaves no listener behind when the call is answered, and comes too late then', async () => {
      const listeners = new Set<() => void>();
      const stop: StopSignal = {
        aborted: false,
        addEventListener: (_, listener) => void listeners.add(listener),
        removeEventListener: (_, listener) => void listeners.delete(listener),
      };
      const port = remote(() => 'done');
      const call = port.answer(stop);
      const [listener] = listeners;
      expect(await call).toBe('done');
      expect(listeners.size).toBe(0);
      listener?.();
      expect(await port.answer()).toBe('done');
    });
  });
});
