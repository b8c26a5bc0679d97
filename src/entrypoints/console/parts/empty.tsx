/** There is nothing to show yet: says so, and what to do. */
export function Empty({ title, hint }: { readonly title: string; readonly hint: string }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      <p>{hint}</p>
    </div>
  );
}
