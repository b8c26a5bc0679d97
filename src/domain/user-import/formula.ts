/**
 * Cells that a spreadsheet would run as a formula: they begin with `=`, `+`, `-`, `@`, a tab, a carriage return or a
 * line feed (OWASP, "CSV Injection"). On the way out such a cell gets a leading apostrophe, which spreadsheets take as
 * "this is text"; in a file of our own rejects it loses it again on the way in.
 */
const dangerous = /^[=+\-@\t\r\n＝＋－＠]/;

/** Harmless by an apostrophe of ours: so a cell that began like that already gets one more, and comes back as it was. */
const escaped = /^'+[=+\-@\t\r\n＝＋－＠]/;

/** The cell as it may stand in a file that people open in a spreadsheet. */
export function neutralised(cell: string): string {
  return dangerous.test(cell) || escaped.test(cell) ? `'${cell}` : cell;
}

/** The cell as it was before `neutralised`. */
export function restored(cell: string): string {
  return escaped.test(cell) ? cell.slice(1) : cell;
}
