import { useCallback, useEffect, useState } from 'preact/hooks';
import { ask, type Page, Problem, tokenWanted } from './api.ts';
import { connected } from './connection.ts';
import { useStore } from './store.ts';

/** What is known of an answer: the value, or the problem; neither while it is on its way. */
export interface Asked<T> {
  readonly value?: T;
  readonly problem?: Problem;
  /** Asks again; what is known stays until the answer is there. */
  readonly again: () => void;
}

/** What the server answers at this path; asked again when the connection comes back. */
export function useAsked<T>(path: string): Asked<T> {
  const [known, setKnown] = useState<{ readonly path: string; readonly value?: T; readonly problem?: Problem }>({ path });
  const [turn, setTurn] = useState(0);
  const [isConnected, isLocked] = [useStore(connected), useStore(tokenWanted)];
  useEffect(() => {
    if (!isConnected || isLocked) return;
    const left = new AbortController();
    ask<T>(path, { signal: left.signal }).then(
      (value) => setKnown({ path, value }),
      (error: unknown) => {
        if (left.signal.aborted) return;
        if (error instanceof Problem) setKnown({ path, problem: error });
      },
    );
    return () => left.abort();
  }, [path, turn, isConnected, isLocked]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  return { ...(known.path === path ? known : {}), again };
}

/** A list that is asked for page by page. */
export interface AskedList<T> {
  readonly items?: readonly T[];
  readonly problem?: Problem;
  /** Asks for the next page; absent where there is none. */
  readonly more?: () => void;
  readonly again: () => void;
}

/** A list at this path, which may have a query. The items of further pages come behind those of the first. */
export function useList<T>(path: string): AskedList<T> {
  const { value, problem, again } = useAsked<Page<T>>(path);
  const [further, setFurther] = useState<{
    readonly of: Page<T> | undefined;
    readonly pages: readonly Page<T>[];
    readonly problem?: Problem;
  }>({
    of: value,
    pages: [],
  });
  const mine = further.of === value ? further : { of: value, pages: [] };
  const pages = value ? [value, ...mine.pages] : [];
  const next = pages.at(-1)?.next;
  const trouble = problem ?? mine.problem;
  const more = (): void => {
    ask<Page<T>>(`${path}${path.includes('?') ? '&' : '?'}after=${next ?? ''}`).then(
      (page) => setFurther({ of: value, pages: [...mine.pages, page] }),
      (error: unknown) => error instanceof Problem && setFurther({ ...mine, problem: error }),
    );
  };
  return {
    ...(value && { items: pages.flatMap(({ items }) => items) }),
    ...(trouble && { problem: trouble }),
    ...(next !== undefined && { more }),
    again,
  };
}
