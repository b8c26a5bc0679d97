import { useEffect, useState } from 'preact/hooks';
import { ask, type PreviewView, type Problem } from '../api.ts';
import { connected } from '../connection.ts';
import { useStore } from '../store.ts';
import { fileBody, previewBytes, queryOf, type Wish } from '../upload.ts';
import { problemIn } from './trouble.tsx';

interface Previewed {
  readonly preview?: PreviewView;
  readonly problem?: Problem;
}

/** How the beginning of the file is understood under these choices. What is known stays until the next answer is there. */
export function usePreview(file: File | undefined, { onExisting: _, ...reading }: Wish): Previewed {
  const [known, setKnown] = useState<Previewed>({});
  const isConnected = useStore(connected);
  const query = queryOf(reading);
  useEffect(() => setKnown({}), [file]);
  useEffect(() => {
    if (!file || !isConnected) return;
    const left = new AbortController();
    const partial = file.size > previewBytes ? '&partial=true' : '';
    ask<PreviewView>(`/imports/preview?${query}${partial}`, { ...fileBody(file.slice(0, previewBytes)), signal: left.signal }).then(
      (preview) => setKnown({ preview }),
      (error: unknown) => {
        if (left.signal.aborted) return;
        const problem = problemIn(error);
        // What was understood before stays, so that the choice that went wrong can be taken back.
        if (problem) setKnown(({ preview }) => ({ ...(preview && { preview }), problem }));
      },
    );
    return () => left.abort();
  }, [file, query, isConnected]);
  return known;
}
