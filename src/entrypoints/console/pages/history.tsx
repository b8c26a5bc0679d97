import type { ImportView } from '../api.ts';
import { useList } from '../asking.ts';
import { useWords } from '../language.ts';
import { Empty } from '../parts/empty.tsx';
import { Heading } from '../parts/heading.tsx';
import { ImportTable } from '../parts/import-table.tsx';
import { ListEnd } from '../parts/list-end.tsx';

/** All imports, the newest first. */
export function HistoryPage() {
  const { history } = useWords();
  const list = useList<ImportView>('/imports?limit=50');
  return (
    <>
      <Heading title={history.title} />
      {list.items?.length === 0 && <Empty title={history.none} hint={history.noneHint} />}
      {list.items && list.items.length > 0 && <ImportTable imports={list.items} />}
      <ListEnd list={list} />
    </>
  );
}
