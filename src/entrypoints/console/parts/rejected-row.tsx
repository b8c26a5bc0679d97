import type { RowsPage, RowView } from '../api.ts';
import { useShown, useWords } from '../language.ts';
import type { Edits } from './edits.ts';

type Columns = RowsPage['columns'];

/** Wider tables show only the columns that matter. */
const mostColumns = 8;

/** A cell that is longer than this is shown cut, and not edited here. */
const mostCharacters = 2_000;

/** The columns that are shown: all of a narrow table; of a wide one those that are used, and those that something is wrong with. */
export function shownColumns(columns: Columns, rows: readonly RowView[]): Columns {
  if (columns.length <= mostColumns) return columns;
  const faulty = new Set(rows.map(({ column }) => column));
  return columns.filter(({ use, label }) => use !== 'ignored' || faulty.has(label)).slice(0, 3 * mostColumns);
}

/** A rejected row, whose cells can be edited. */
export function RejectedRow({
  row: { row, line = 0, column, code = '', reason = '', cells = [], cut },
  columns,
  edits,
  edit,
}: {
  readonly row: RowView;
  readonly columns: Columns;
  readonly edits: Edits;
  readonly edit: (row: number, column: number, value: string, original: string) => void;
}) {
  const words = useWords();
  const shown = useShown();
  return (
    <tr>
      <th scope="row" class="where">
        {words.rejects.where(shown.count(row), shown.count(line))}
      </th>
      {columns.map(({ number, label, use }) => {
        const original = cells[number - 1] ?? '';
        const value = edits[`${row}:${number - 1}`];
        const isLong = original.length > mostCharacters;
        return (
          <td key={number} class={`${use}${label === column ? ' faulty' : ''}${value === undefined ? '' : ' edited'}`} data-label={label}>
            {cut || isLong ? (
              <span class="long">{original.slice(0, 120)}…</span>
            ) : (
              <input
                value={value ?? original}
                aria-label={words.rejects.cell(row, label)}
                aria-invalid={label === column && value === undefined ? 'true' : undefined}
                onInput={({ currentTarget }) => edit(row, number - 1, currentTarget.value, original)}
              />
            )}
          </td>
        );
      })}
      <td class="reason" data-label={words.rejects.reason}>
        {words.reasons?.[code] ?? reason}
        {cut && <em> {words.rejects.cut}</em>}
      </td>
    </tr>
  );
}
