import { Store } from './store.ts';

/** How often a server that is gone is asked whether it is back, in milliseconds. */
const askMs = 1_000;

/** Whether the server answers, as far as the last request told. */
export const connected = new Store(true);

/** To be called when a request was not answered at all: from then on the server is asked until it answers. */
export function lost(): void {
  if (!connected.get()) return;
  connected.set(false);
  const ask = (): void => {
    void fetch('/health', { cache: 'no-store' })
      .then(
        ({ ok }) => ok,
        // It is still gone, which is what the banner says already.
        () => false,
      )
      .then((back) => (back ? connected.set(true) : setTimeout(ask, askMs)));
  };
  setTimeout(ask, askMs);
}

/** Resolves when the server answers (again), or when `stop` aborts. */
export function whenConnected(stop: AbortSignal): Promise<void> {
  if (connected.get() || stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      leave();
      resolve();
    };
    const leave = connected.listen(() => connected.get() && done());
    stop.addEventListener('abort', done, { once: true });
  });
}
