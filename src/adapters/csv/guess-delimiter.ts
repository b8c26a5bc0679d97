import { frame } from './framing.ts';
import { defaultLimits } from './limits.ts';

/** In this order where nothing else tells them apart. */
const candidates = [',', ';', '\t', '|'];

/** The header and the rows behind it that are looked at. */
const rowsLookedAt = 21;

/**
 * The delimiter that splits the first row of the text, and its next ones most often into as many cells; of equals, the one that gives
 * more cells. Delimiters within quotes do not count. A comma where no candidate splits the first row: the file has one column.
 */
export function guessDelimiter(text: string): string {
  const bytes = Buffer.from(text);
  let best = { delimiter: ',', agreement: 0, width: 1 };
  for (const delimiter of candidates) {
    const widths = frame(bytes, 1, true, Buffer.from(delimiter), defaultLimits).widths.slice(0, rowsLookedAt);
    const width = widths[0] ?? 1;
    const agreement = widths.filter((other) => other === width).length / widths.length;
    if (width > 1 && (agreement > best.agreement || (agreement === best.agreement && width > best.width))) {
      best = { delimiter, agreement, width };
    }
  }
  return best.delimiter;
}

/** How many cells the text's first row has. */
export function widthOfFirstRow(text: string, delimiter: string): number {
  return frame(Buffer.from(text), 1, true, Buffer.from(delimiter), defaultLimits).widths[0] ?? 0;
}
