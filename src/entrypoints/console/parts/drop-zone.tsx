import { useRef } from 'preact/hooks';
import { useWords } from '../language.ts';
import { choose } from './intake.ts';

/** Where a file is dropped, chosen or pasted. */
export function DropZone() {
  const { start } = useWords();
  const input = useRef<HTMLInputElement>(null);
  return (
    <section class="drop" aria-labelledby="drop-title">
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <path d="M24 31V9m0 0-8 8m8-8 8 8" />
        <path d="M8 29v7a4 4 0 0 0 4 4h24a4 4 0 0 0 4-4v-7" />
      </svg>
      <h2 id="drop-title">{start.drop}</h2>
      <button type="button" class="primary" onClick={() => input.current?.click()}>
        {start.choose}
      </button>
      <input
        ref={input}
        class="hidden"
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
        aria-label={start.choose}
        tabIndex={-1}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) choose(file);
        }}
      />
      <p>{start.paste}</p>
    </section>
  );
}
