import { useEffect, useState } from 'preact/hooks';
import { ask, Problem, type PreviewView } from '../api.ts';
import { useShown, useWords } from '../language.ts';
import { ColumnsTable } from '../parts/columns-table.tsx';
import { DropZone } from '../parts/drop-zone.tsx';
import { Heading } from '../parts/heading.tsx';
import { chosen } from '../parts/intake.ts';
import { ReadingChoices } from '../parts/reading-choices.tsx';
import { problemIn, Trouble } from '../parts/trouble.tsx';
import { usePreview } from '../parts/previewed.ts';
import { amend, go, route } from '../route.ts';
import { useStore } from '../store.ts';
import { fileBody, queryOf, type Reading, upload } from '../upload.ts';

/** What is being done with the file; nothing where the person is to choose. */
type Doing = { readonly what: 'sending'; readonly share: number } | { readonly what: 'judging' };

/** A file before it is imported: how it is understood, and every choice about that. The choices are in the address, the file is not. */
export function PreviewPage() {
  const { preview: words, start } = useWords();
  const shown = useShown();
  const { query } = useStore(route);
  const file = useStore(chosen);
  const wish = wishOf(query);
  const { preview, problem: refused } = usePreview(file, wish);
  const [doing, setDoing] = useState<Doing>();
  const [problem, setProblem] = useState<Problem>();
  const [whole, setWhole] = useState<{ readonly query: string; readonly preview: PreviewView }>();
  const reading = queryOf(wish);
  useEffect(() => setProblem(undefined), [reading, file]);
  if (!file) {
    return (
      <>
        <Heading title={words.title(wish.file)} />
        {wish.file !== '' && <p class="lead">{start.chooseAgain(wish.file)}</p>}
        <DropZone />
      </>
    );
  }

  const attempt = async (doIt: () => Promise<void>): Promise<void> => {
    try {
      await doIt();
    } catch (error) {
      setProblem(problemIn(error));
    } finally {
      setDoing(undefined);
    }
  };
  const importIt = (): Promise<void> =>
    attempt(async () => {
      setDoing({ what: 'sending', share: 0 });
      const { id, ended } = await upload(file, wish, (share) => setDoing({ what: 'sending', share }));
      go(`/imports/${id}${ended ? `?${new URLSearchParams([['already', '1'], ...dialectOf(wish)]).toString()}` : ''}`);
    });
  const dryRun = (): Promise<void> =>
    attempt(async () => {
      setDoing({ what: 'judging' });
      setWhole({ query: reading, preview: await ask<PreviewView>(`/imports?dryRun=true&${reading}`, fileBody(file)) });
    });

  const seen = whole?.query === reading ? whole.preview : preview;
  const isUsable = seen !== undefined && seen.refusal === undefined && refused === undefined;
  return (
    <>
      <Heading title={words.title(file.name)}>
        <span class="faint">{shown.bytes(file.size)}</span>
      </Heading>
      <ReadingChoices wish={wish} preview={seen} amend={amend} />
      {refused && <Trouble problem={refused} />}
      {seen?.refusal && (
        <Trouble
          problem={
            new Problem({ type: seen.refusal.code, title: words.refused, detail: seen.refusal.message, hint: seen.refusal.hint ?? '' })
          }
        />
      )}
      <div class="actions">
        <button type="button" class="primary" disabled={!isUsable || doing !== undefined} onClick={() => void importIt()}>
          {words.import}
        </button>
        <button type="button" disabled={!isUsable || doing !== undefined} onClick={() => void dryRun()}>
          {words.dryRun}
        </button>
        <a href="#/">{words.other}</a>
      </div>
      <p class="verdict" role="status">
        {doing?.what === 'sending' && words.sending(shown.share(doing.share))}
        {doing?.what === 'judging' && words.judging}
        {!doing && !seen && !refused && words.reading}
        {!doing && isUsable && (seen.whole && seen === whole?.preview ? words.wholeLooked : words.looked)(seen.rows, seen.rejected)}
        {!doing && isUsable && !seen.header && ` ${words.noHeader}`}
      </p>
      {problem && <Trouble problem={problem} />}
      {seen && <ColumnsTable preview={seen} wish={wish} amend={amend} />}
    </>
  );
}

/** The choices that are in the address. */
function wishOf(query: URLSearchParams): Reading & { readonly onExisting: 'skip' | 'update' } {
  const given = ['email', 'name', 'encoding', 'delimiter'].flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, value]];
  });
  return {
    ...(Object.fromEntries(given) as Omit<Reading, 'file' | 'keep'>),
    file: query.get('file') ?? '',
    keep: query.getAll('keep'),
    onExisting: query.get('onExisting') === 'update' ? 'update' : 'skip',
  };
}

/** The choices that an import does not tell again. */
function dialectOf({ encoding, delimiter }: Reading): [string, string][] {
  return [
    ...(encoding === undefined ? [] : [['encoding', encoding] as [string, string]]),
    ...(delimiter === undefined ? [] : [['delimiter', delimiter] as [string, string]]),
  ];
}
