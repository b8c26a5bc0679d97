import { useState } from 'preact/hooks';
import { ask, type ImportView, Problem } from '../api.ts';
import { isOver, outcomes, rowsLeft, totalRows, welcomesLeft } from '../counts.ts';
import { useShown, useWords } from '../language.ts';
import { Flow } from '../parts/flow.tsx';
import { Heading } from '../parts/heading.tsx';
import { Rejects } from '../parts/rejects.tsx';
import { RowsBar } from '../parts/rows-bar.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { problemIn, Trouble, TroublePage } from '../parts/trouble.tsx';
import { useWatched } from '../parts/watched.ts';
import { Attention, ImportedBefore } from '../parts/attention.tsx';
import { WelcomeCounts } from '../parts/welcome-counts.tsx';

/** An import: the flow while it runs, what became of its rows and welcomes, and its rejected rows. */
export function ImportPage({ id }: { readonly id: string }) {
  const words = useWords().import;
  const shown = useShown();
  const { loading } = useWords();
  const { looks, problem, take } = useWatched(id);
  const view = looks.at(-1)?.view;
  if (problem) return <TroublePage problem={problem} />;
  if (!view) return <p class="note">{loading}</p>;
  const left = rowsLeft(looks) ?? welcomesLeft(looks);
  const total = totalRows(view);
  return (
    <>
      <Heading title={words.title(view.file)}>
        <StateMark state={view.state} />
      </Heading>
      <p class="facts">
        <span>{words.begun(shown.time(view.createdAt))}</span>
        {(view.endedAt !== undefined || isOver(view)) && <span>{words.took(shown.duration(view.seconds))}</span>}
        {left !== undefined && <span class="left">{words.left(shown.duration(Math.ceil(left)))}</span>}
        <Cancel view={view} take={take} />
      </p>
      <p class="hidden" role="status">
        {words.meanings[view.state]}
      </p>
      <ImportedBefore view={view} />
      {view.refusal && <Trouble problem={refusalOf(view.refusal)} />}
      <Attention view={view} />
      <Flow looks={looks} />
      <section>
        <h2>{words.rows}</h2>
        <RowsBar view={view} />
        <dl class="legend">
          {outcomes.map((outcome) => (
            <div key={outcome} class={outcome} title={words.outcomeMeanings[outcome]}>
              <dt>{words.outcomes[outcome]}</dt>
              <dd>{shown.count(view[outcome])}</dd>
            </div>
          ))}
          {total !== undefined && total > view.rows && !isOver(view) && (
            <div class="to-come">
              <dt>{words.toCome}</dt>
              <dd>~{shown.count(total - view.rows)}</dd>
            </div>
          )}
          <div class="sum">
            <dd>{words.sum(shown.count(view.rows))}</dd>
          </div>
        </dl>
      </section>
      <WelcomeCounts view={view} />
      {view.rejected > 0 && <Rejects view={view} />}
    </>
  );
}

/** Stops the reading of a file, while there is something left to read. */
function Cancel({ view, take }: { readonly view: ImportView; readonly take: (view: ImportView) => void }) {
  const words = useWords().import;
  const [problem, setProblem] = useState<Problem>();
  const cancel = async (): Promise<void> => {
    try {
      take(await ask<ImportView>(`/imports/${view.import}/cancel`, { method: 'POST' }));
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  if (problem) return <Trouble problem={problem} />;
  if (view.state !== 'reading') return null;
  return (
    <button type="button" class="quiet" onClick={() => void cancel()}>
      {words.cancel}
    </button>
  );
}

function refusalOf({ code, message, hint = '' }: NonNullable<ImportView['refusal']>): Problem {
  return new Problem({ type: code, title: message, hint });
}
