import type { ImportView } from '../api.ts';
import { useShown, useWords } from '../language.ts';
import { RowsBar } from './rows-bar.tsx';
import { StateMark } from './state-mark.tsx';

/** Imports as a table: which file, when, and what became of its rows. */
export function ImportTable({ imports }: { readonly imports: readonly ImportView[] }) {
  const { history } = useWords();
  const shown = useShown();
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">{history.file}</th>
          <th scope="col">{history.state}</th>
          <th scope="col" class="number">
            {history.rows}
          </th>
          <th scope="col" class="wide">
            <span class="hidden">{history.rows}</span>
          </th>
          <th scope="col">{history.when}</th>
        </tr>
      </thead>
      <tbody>
        {imports.map((view) => (
          <tr key={view.import}>
            <td class="main">
              <a href={`#/imports/${view.import}`}>{view.file}</a>
            </td>
            <td>
              <StateMark state={view.state} />
            </td>
            <td class="number" data-label={history.rows}>
              {shown.count(view.rows)}
            </td>
            <td class="wide">
              <RowsBar view={view} small />
            </td>
            <td class="faint" data-label={history.when}>
              {shown.time(view.createdAt)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
