import type { ImportView, Page } from '../api.ts';
import { useAsked } from '../asking.ts';
import { useWords } from '../language.ts';
import { DropZone } from '../parts/drop-zone.tsx';
import { Heading } from '../parts/heading.tsx';
import { ImportTable } from '../parts/import-table.tsx';

/** The first page: where a file is dropped, and what was imported last. */
export function StartPage() {
  const { start } = useWords();
  const { value } = useAsked<Page<ImportView>>('/imports?limit=5');
  return (
    <>
      <Heading title={start.title} />
      <p class="lead">{start.lead}</p>
      <DropZone />
      <p class="note">{start.needs}</p>
      {value && value.items.length > 0 && (
        <section>
          <h2>{start.recent}</h2>
          <ImportTable imports={value.items} />
          <p>
            <a href="#/imports">{start.all}</a>
          </p>
        </section>
      )}
    </>
  );
}
