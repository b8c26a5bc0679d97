import type { ImportView } from '../api.ts';
import { useWords } from '../language.ts';

/** The state of an import: a word, and a dot that says the same by its colour and shape. */
export function StateMark({ state }: { readonly state: ImportView['state'] }) {
  const words = useWords();
  return <span class={`state ${state}`}>{words.import.states[state]}</span>;
}
