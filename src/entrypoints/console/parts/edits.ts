import { useState } from 'preact/hooks';

/** What a person has typed: cells by `row:column`. */
export type Edits = Readonly<Record<string, string>>;

/** Edits of an import's rejected rows. They outlive a reload, and end with the tab. */
export function useEdits(importId: string): readonly [Edits, (row: number, column: number, value: string, original: string) => void] {
  const key = `rollcall-edits-${importId}`;
  const [edits, setEdits] = useState<Edits>(() => JSON.parse(sessionStorage.getItem(key) ?? '{}') as Edits);
  const edit = (row: number, column: number, value: string, original: string): void => {
    const { [`${row}:${column}`]: _, ...others } = edits;
    const now = value === original ? others : { ...others, [`${row}:${column}`]: value };
    sessionStorage.setItem(key, JSON.stringify(now));
    setEdits(now);
  };
  return [edits, edit];
}

/** Forgets what was typed: it is imported. */
export function forgetEdits(importId: string): void {
  sessionStorage.removeItem(`rollcall-edits-${importId}`);
}

/** The numbers of the rows that were edited. */
export function editedRows(edits: Edits): ReadonlySet<number> {
  return new Set(Object.keys(edits).map((place) => Number(place.split(':')[0])));
}
