import type { AskedList } from '../asking.ts';
import { useWords } from '../language.ts';
import { Trouble } from './trouble.tsx';

/** What stands below a list: more of it, a problem, or that it is on its way. */
export function ListEnd({ list: { items, problem, more, again } }: { readonly list: AskedList<unknown> }) {
  const words = useWords();
  if (problem)
    return (
      <Trouble problem={problem}>
        <button type="button" onClick={again}>
          {words.again}
        </button>
      </Trouble>
    );
  if (!items) return <p class="note">{words.loading}</p>;
  return more ? (
    <button type="button" onClick={more}>
      {words.more}
    </button>
  ) : null;
}
