import type { ImportView } from '../api.ts';
import { useShown, useWords } from '../language.ts';

/** What became of the welcomes of an import's new users. */
export function WelcomeCounts({ view }: { readonly view: ImportView }) {
  const words = useWords().import;
  const shown = useShown();
  if (!view.welcome) return view.inserted > 0 ? <p class="note">{words.noWelcome}</p> : null;
  const counts = (['welcomed', 'waiting', 'uncertain', 'failed'] as const).filter((name) => name === 'welcomed' || view[name] > 0);
  return (
    <section>
      <h2>{words.welcomes}</h2>
      <dl class="legend">
        {counts.map((name) => (
          <div key={name} class={name}>
            <dt>{words[name]}</dt>
            <dd>{shown.count(view[name])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
