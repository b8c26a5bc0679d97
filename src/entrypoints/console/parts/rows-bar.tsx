import type { ImportView } from '../api.ts';
import { outcomes, totalRows } from '../counts.ts';
import { useShown, useWords } from '../language.ts';

/** The rows as a bar: what became of those that have their outcome, and how many are still to come. */
export function RowsBar({ view, small = false }: { readonly view: ImportView; readonly small?: boolean }) {
  const words = useWords().import;
  const shown = useShown();
  const total = Math.max(1, totalRows(view) ?? 1);
  const label = outcomes.map((outcome) => `${shown.count(view[outcome])} ${words.outcomes[outcome]}`).join(', ');
  return (
    <div class={small ? 'bar small' : 'bar'} role="img" aria-label={words.bar(label)}>
      {outcomes
        .filter((outcome) => view[outcome] > 0)
        .map((outcome) => (
          <span key={outcome} class={outcome} style={{ width: `${(100 * view[outcome]) / total}%` }} />
        ))}
    </div>
  );
}
