import { useLayoutEffect } from 'preact/hooks';
import { useWords } from '../language.ts';
import { amend, go } from '../route.ts';
import { Store } from '../store.ts';

/** The file that is to be looked at and imported. The browser forgets it when the page is loaded anew. */
export const chosen = new Store<File | undefined>(undefined);

/** Takes a file, wherever it came from, and shows its preview. Choices that were made for a file of that name stay. */
export function choose(file: File): void {
  chosen.set(file);
  const known = new URLSearchParams(location.hash.split('?')[1] ?? '');
  if (location.hash.startsWith('#/new') && known.get('file') === file.name) amend({ file: file.name });
  else go(`/new?${new URLSearchParams({ file: file.name }).toString()}`);
}

/** A file may be dropped anywhere, and rows may be pasted wherever no text is being edited. */
export function useIntake(): void {
  const { start } = useWords();
  useLayoutEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      document.body.classList.add('dropping');
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) document.body.classList.remove('dropping');
    };
    const drop = (event: DragEvent): void => {
      document.body.classList.remove('dropping');
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      choose(file);
    };
    const paste = (event: ClipboardEvent): void => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
      const [file] = event.clipboardData?.files ?? [];
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (file) choose(file);
      else if (text.trim() !== '') choose(new File([text], start.pasted, { type: 'text/csv' }));
    };
    addEventListener('dragover', over, { signal });
    addEventListener('dragleave', leave, { signal });
    addEventListener('drop', drop, { signal });
    addEventListener('paste', paste, { signal });
    return () => left.abort();
  }, [start]);
}
