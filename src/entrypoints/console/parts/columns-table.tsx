import type { PreviewView } from '../api.ts';
import { useShown, useWords } from '../language.ts';
import type { Wish } from '../upload.ts';

type Column = PreviewView['columns'][number];
type Amend = (changes: Readonly<Record<string, string | readonly string[] | undefined>>) => void;

/** The first rows as they are understood. Each column says what it is used for, and can be told otherwise; rejected rows say why. */
export function ColumnsTable({ preview, wish, amend }: { readonly preview: PreviewView; readonly wish: Wish; readonly amend: Amend }) {
  const { preview: words } = useWords();
  const { columns, first, firstRejected } = preview;
  const shownRows = new Set(first.map(({ row }) => row));
  const further = firstRejected
    .filter(({ row }) => !shownRows.has(row))
    .map(({ cells = [], line = 0, ...row }) => ({ ...row, cells, line }));
  return (
    <div class="scroll" role="region" aria-label={words.table} tabIndex={0}>
      <table class="sheet preview">
        <thead>
          <tr>
            <th scope="col">{words.row}</th>
            {columns.map((column) => (
              <th key={column.number} scope="col" class={column.use}>
                <span class="label">{column.label}</span>
                <UseChoice column={column} wish={wish} amend={amend} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first.map((row) => (
            <PreviewRow key={row.row} row={row} columns={columns} />
          ))}
          {further.length > 0 && (
            <tr class="gap">
              <th scope="rowgroup" colSpan={columns.length + 1}>
                {words.further}
              </th>
            </tr>
          )}
          {further.map((row) => (
            <PreviewRow key={row.row} row={row} columns={columns} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function UseChoice({
  column: { number, label, use },
  wish,
  amend,
}: {
  readonly column: Column;
  readonly wish: Wish;
  readonly amend: Amend;
}) {
  const { preview: words } = useWords();
  const me = String(number);
  const choose = (wanted: string): void => {
    const keep = wish.keep.filter((column) => column !== me);
    amend({
      keep: wanted === 'keep' ? [...keep, me] : keep,
      // A column is one thing: what it was before is found out anew.
      email: wanted === 'email' ? me : wish.email === me ? undefined : wish.email,
      name: wanted === 'name' ? me : wish.name === me ? undefined : wish.name,
    });
  };
  // Address and name are always some column: they go elsewhere when another one is chosen for them.
  const isNeeded = (use === 'email' && wish.email !== me) || (use === 'name' && wish.name !== me);
  return (
    <select value={use} aria-label={words.column(label)} onChange={({ currentTarget }) => choose(currentTarget.value)}>
      {(['email', 'name', 'keep', 'ignored'] as const).map((one) => (
        <option key={one} value={one} disabled={isNeeded && (one === 'keep' || one === 'ignored')}>
          {words.uses[one]}
        </option>
      ))}
    </select>
  );
}

interface Row {
  readonly row: number;
  readonly line: number;
  readonly cells: readonly string[];
  readonly code?: string | undefined;
  readonly column?: string | undefined;
  readonly reason?: string | undefined;
}

function PreviewRow({ row: { row, cells, code, column, reason }, columns }: { readonly row: Row; readonly columns: readonly Column[] }) {
  const words = useWords();
  const shown = useShown();
  const isRejected = code !== undefined;
  return (
    <>
      <tr class={isRejected ? 'rejected' : ''}>
        <th scope="row">{shown.count(row)}</th>
        {columns.map(({ number, use, label }) => (
          <td key={number} class={`${use}${isRejected && label === column ? ' faulty' : ''}`}>
            {cells[number - 1] ?? ''}
          </td>
        ))}
      </tr>
      {isRejected && (
        <tr class="why">
          <td />
          <td colSpan={columns.length}>
            <span>
              <strong>{words.preview.wouldBe}:</strong> {words.reasons?.[code] ?? reason}
            </span>
          </td>
        </tr>
      )}
    </>
  );
}
