import { useEffect, useState } from 'preact/hooks';
import { type LetterView, type Problem, send } from '../api.ts';
import { useList } from '../asking.ts';
import { useShown, useWords } from '../language.ts';
import { Empty } from '../parts/empty.tsx';
import { Heading } from '../parts/heading.tsx';
import { ListEnd } from '../parts/list-end.tsx';
import { problemIn, Trouble } from '../parts/trouble.tsx';
import { route } from '../route.ts';
import { useStore } from '../store.ts';

/** How often the list is asked for while it is looked at, in milliseconds. */
const lookMs = 3_000;

const pageSize = 50;

/** What could not be done, with its cause, and doing it again. */
export function DeadLettersPage() {
  const { letters } = useWords();
  const importId = useStore(route).query.get('import');
  const filter = importId === null ? {} : { import: importId };
  const list = useList<LetterView>(`/dead-letters?${new URLSearchParams({ limit: String(pageSize), ...filter }).toString()}`);
  const [redriven, setRedriven] = useState<number>();
  const [problem, setProblem] = useState<Problem>();
  const { again, items, more } = list;
  // Asking anew begins at the first page: whoever is reading further is left in peace.
  const isShort = more === undefined && (items?.length ?? 0) <= pageSize;
  useEffect(() => {
    if (!isShort) return;
    const timer = setInterval(again, lookMs);
    return () => clearInterval(timer);
  }, [again, isShort]);
  const redrive = async (wish: object): Promise<void> => {
    try {
      setRedriven((await send<{ readonly redriven: number }>('/dead-letters/redrive', wish)).redriven);
      setProblem(undefined);
      again();
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  return (
    <>
      <Heading title={letters.title} />
      <p class="lead">{letters.lead}</p>
      <p class="done" role="status">
        {redriven !== undefined && letters.redriven(redriven)}
      </p>
      {problem && <Trouble problem={problem} />}
      {items?.length === 0 && <Empty title={letters.none} hint={letters.noneHint} />}
      {items && items.length > 0 && (
        <>
          <div class="actions">
            <button type="button" class="primary" onClick={() => void redrive(filter)}>
              {letters.redriveAll}
            </button>
          </div>
          <ul class="letters">
            {items.map((letter) => (
              <Letter key={letter.id} letter={letter} redrive={() => void redrive({ ids: [letter.id] })} />
            ))}
          </ul>
        </>
      )}
      <ListEnd list={list} />
    </>
  );
}

/** Of the addresses of a letter, so many are shown. */
const shownAddresses = 5;

function Letter({ letter, redrive }: { readonly letter: LetterView; readonly redrive: () => void }) {
  const { letters } = useWords();
  const shown = useShown();
  const { emails, import: importId, queue, cause, code, at } = letter;
  const named = `${emails.slice(0, shownAddresses).join(', ')}${emails.length > shownAddresses ? '…' : ''}`;
  const title = named === '' ? letters.stages[queue] : named;
  return (
    <li>
      <div>
        <h2>{title}</h2>
        <p>{cause}</p>
        <p class="faint facts">
          <span>{letters.stages[queue]}</span>
          <span>{code}</span>
          <span>{shown.time(at)}</span>
          {importId !== undefined && <a href={`#/imports/${importId}`}>{letters.ofImport(importId.slice(0, 8))}</a>}
        </p>
      </div>
      <button type="button" aria-label={letters.about(title)} onClick={redrive}>
        {letters.redrive}
      </button>
    </li>
  );
}
