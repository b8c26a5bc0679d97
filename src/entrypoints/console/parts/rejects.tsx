import { useEffect, useState } from 'preact/hooks';
import { answerTo, ask, type ImportView, type Problem, type RowsPage } from '../api.ts';
import { connected } from '../connection.ts';
import { correctedCsv } from '../csv.ts';
import { useShown, useWords } from '../language.ts';
import { go } from '../route.ts';
import { useStore } from '../store.ts';
import { importText } from '../upload.ts';
import { editedRows, forgetEdits, useEdits } from './edits.ts';
import { RejectedRow, shownColumns } from './rejected-row.tsx';
import { problemIn, Trouble } from './trouble.tsx';

/** How many rows are asked for at once. */
const pageSize = 50;

/** The rejected rows with their reasons: to be corrected in place and imported again, or downloaded. */
export function Rejects({ view }: { readonly view: ImportView }) {
  const words = useWords();
  const shown = useShown();
  const [edits, edit] = useEdits(view.import);
  const { columns, rows, more, problem, setProblem } = useRejectedRows(view);
  const edited = editedRows(edits);
  const [sending, setSending] = useState(false);

  const reimport = async (): Promise<void> => {
    setSending(true);
    const corrected = rows
      .filter(({ row }) => edited.has(row))
      .map(({ cells = [], ...row }) => ({
        ...{ row: row.row, ...(row.column !== undefined && { column: row.column }), ...(row.code !== undefined && { code: row.code }) },
        cells: Array.from(
          { length: Math.max(cells.length, columns.length) },
          (_, index) => edits[`${row.row}:${index}`] ?? cells[index] ?? '',
        ),
      }));
    try {
      const id = await importText(correctedCsv(labels(columns), corrected), {
        ...{ file: words.rejects.corrected(view.file), keep: view.keep, onExisting: view.onExisting },
        ...(view.email !== undefined && { email: view.email }),
        ...(view.name !== undefined && { name: view.name }),
      });
      forgetEdits(view.import);
      go(`/imports/${id}`);
    } catch (error) {
      setProblem(problemIn(error));
    } finally {
      setSending(false);
    }
  };

  const used = shownColumns(columns, rows);
  return (
    <section class="rejects">
      <h2 id="rejects-title">{words.rejects.title}</h2>
      <p class="note">{words.rejects.lead}</p>
      <div class="actions">
        <button type="button" class="primary" disabled={edited.size === 0 || sending} onClick={() => void reimport()}>
          {words.rejects.reimport(edited.size)}
        </button>
        <button type="button" onClick={() => void download(view.import).catch((error: unknown) => setProblem(problemIn(error)))}>
          {words.rejects.download}
        </button>
      </div>
      {problem && <Trouble problem={problem} />}
      {rows.length > 0 && (
        <div class="scroll" role="region" aria-labelledby="rejects-title" tabIndex={0}>
          <table class="sheet">
            <thead>
              <tr>
                <th scope="col">{words.rejects.row}</th>
                {used.map(({ number, label }) => (
                  <th key={number} scope="col">
                    {label}
                  </th>
                ))}
                <th scope="col">{words.rejects.reason}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <RejectedRow key={row.row} row={row} columns={used} edits={edits} edit={edit} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {columns.length > used.length && <p class="note">{words.rejects.others(columns.length - used.length)}</p>}
      {more && (
        <button type="button" onClick={more}>
          {words.more} ({shown.count(rows.length)} / {shown.count(view.rejected)})
        </button>
      )}
    </section>
  );
}

/** Rejected rows page by page: the first one is asked for while the import goes on and there is room for more. */
function useRejectedRows(view: ImportView) {
  const [page, setPage] = useState<RowsPage>();
  const [problem, setProblem] = useState<Problem>();
  const isConnected = useStore(connected);
  const path = `/imports/${view.import}/rows?outcome=rejected&limit=${pageSize}`;
  const load = async (rows: RowsPage['items'], after: string | undefined, most: number): Promise<void> => {
    try {
      let next = after;
      const found = [...rows];
      let columns: RowsPage['columns'] = [];
      // A page may be short though more follow.
      do {
        const answer: RowsPage = await ask<RowsPage>(next === undefined ? path : `${path}&after=${next}`);
        found.push(...answer.items);
        ({ columns, next } = { columns: answer.columns, next: answer.next });
      } while (next !== undefined && found.length < most);
      setPage({ columns, items: found, ...(next !== undefined && { next }) });
    } catch (error) {
      setProblem(problemIn(error));
    }
  };
  const enough = Math.min(view.rejected, pageSize);
  useEffect(() => {
    if (isConnected && (page?.items.length ?? 0) < enough) void load([], undefined, pageSize);
  }, [enough, isConnected]);
  const rows = page?.items ?? [];
  const isMore = rows.length < view.rejected && page !== undefined;
  return {
    ...{ columns: page?.columns ?? [], rows, problem, setProblem },
    more: isMore && page.next !== undefined ? () => void load(rows, page.next, rows.length + pageSize) : undefined,
  };
}

function labels(columns: RowsPage['columns']): readonly string[] {
  return columns.map(({ label }) => label);
}

/** A link could not send the token. */
async function download(id: string): Promise<void> {
  const blob = await (await answerTo(`/imports/${id}/rejects.csv`)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `rejects-${id.slice(0, 8)}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
