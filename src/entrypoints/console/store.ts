import { useEffect, useState } from 'preact/hooks';

/** A value that several parts of the page look at. */
export class Store<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  /** Hears of every change, until the function that it answers is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** The store's value, now and whenever it changes. */
export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState<{ readonly of: T }>({ of: store.get() });
  useEffect(() => {
    const take = (): void => setValue((known) => (Object.is(known.of, store.get()) ? known : { of: store.get() }));
    take();
    return store.listen(take);
  }, [store]);
  return value.of;
}
