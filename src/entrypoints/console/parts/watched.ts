import { useCallback, useEffect, useState } from 'preact/hooks';
import { type ImportView, type Problem, tokenWanted } from '../api.ts';
import { type Look, withLook } from '../counts.ts';
import { watchImport } from '../events.ts';
import { useStore } from '../store.ts';
import { problemIn } from './trouble.tsx';

/** An import that is watched: the looks of the last seconds, the last one last. */
export interface Watched {
  readonly looks: readonly Look[];
  readonly problem?: Problem;
  /** Watches anew: after something was done that sets it going again. */
  readonly again: () => void;
  /** Takes what another request told of the import. */
  readonly take: (view: ImportView) => void;
}

/** Watches an import until it is over, or the page is left. */
export function useWatched(id: string): Watched {
  const [looks, setLooks] = useState<readonly Look[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const [turn, setTurn] = useState(0);
  const isLocked = useStore(tokenWanted);
  const take = useCallback((view: ImportView) => setLooks((before) => withLook(before, { at: performance.now(), view })), []);
  useEffect(() => {
    if (isLocked) return;
    const left = new AbortController();
    setProblem(undefined);
    watchImport(id, take, left.signal).catch((error: unknown) => setProblem(problemIn(error)));
    return () => left.abort();
  }, [id, turn, isLocked, take]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  return { looks, ...(problem && { problem }), again, take };
}
