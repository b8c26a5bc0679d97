/** Numbers, texts and command lines as people are shown them. */

/** Whatever comes from a file or another program, fit for a terminal: control characters, which could move the cursor or more, are shown as `�`. */
export function shown(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '�');
}

/** The text on one line, cut to at most `most` characters. */
export function brief(text: string, most: number): string {
  const line = shown(text.replaceAll(/\s+/g, ' ').trim());
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** The text filled up to a width in the terminal's columns, of which Chinese, Japanese and Korean characters and pictures take two. */
export function padded(text: string, width: number): string {
  const wide = text.match(
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3ffff}]/gu,
  );
  const marks = text.match(/\p{M}/gu);
  const columns = (text.match(/./gsu)?.length ?? 0) + (wide?.length ?? 0) - (marks?.length ?? 0);
  return text + ' '.repeat(Math.max(0, width - columns));
}

/** A count with its thousands apart: `1,204`. */
export function number(count: number): string {
  return count.toLocaleString('en');
}

/** A count with its noun: `1 row`, `1,204 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** A span of time: `0.42 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(2))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** An instant as the clock on the wall shows it: `2026-03-01 14:05`. */
export function when(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16).replace('T', ' ');
}

/** The first digits of an import's id: as many as people need to tell imports apart. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** A command line to suggest, its words quoted for a POSIX shell where they need it. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
