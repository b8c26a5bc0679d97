import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** The page's heading, which also names the tab. */
export function Heading({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} – Rollcall`;
  }, [title]);
  return (
    <div class="heading">
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </div>
  );
}
