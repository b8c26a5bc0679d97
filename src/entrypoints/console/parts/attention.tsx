import { useState } from 'preact/hooks';
import type { ImportView, Problem } from '../api.ts';
import { useWords } from '../language.ts';
import { go, route } from '../route.ts';
import { useStore } from '../store.ts';
import { upload, type Wish } from '../upload.ts';
import { chosen } from './intake.ts';
import { problemIn, Trouble } from './trouble.tsx';

/** What lies in dead letters, and the way there. */
export function Attention({ view }: { readonly view: ImportView }) {
  const words = useWords().import;
  if (view.deadLetters === 0 && view.failed === 0) return null;
  return (
    <div class="attention">
      {view.deadLetters > 0 && <p>{words.letters(view.deadLetters)}</p>}
      {view.failed > 0 && <p>{words.failedWelcomes(view.failed)}</p>}
      <a href={`#/dead-letters?import=${view.import}`}>{words.seeLetters}</a>
    </div>
  );
}

/** Says that a file was imported before; and imports it again while the browser still has it. */
export function ImportedBefore({ view }: { readonly view: ImportView }) {
  const words = useWords().import;
  const { query } = useStore(route);
  const file = useStore(chosen);
  const [problem, setProblem] = useState<Problem>();
  if (!query.has('already')) return null;
  const again = async (): Promise<void> => {
    if (!file) return;
    const wish: Wish = {
      ...{ file: view.file, keep: view.keep, onExisting: view.onExisting, again: true },
      ...(view.email !== undefined && { email: view.email }),
      ...(view.name !== undefined && { name: view.name }),
      ...(query.has('encoding') && { encoding: query.get('encoding') ?? '' }),
      ...(query.has('delimiter') && { delimiter: query.get('delimiter') ?? '' }),
    };
    try {
      go(`/imports/${(await upload(file, wish, () => undefined)).id}`);
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  return (
    <div class="attention">
      <p>{words.already}</p>
      {file?.name === view.file && (
        <button type="button" onClick={() => void again()}>
          {words.importAgain}
        </button>
      )}
      {problem && <Trouble problem={problem} />}
    </div>
  );
}
