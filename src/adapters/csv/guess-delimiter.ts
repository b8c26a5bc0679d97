import { frame } from './framing.ts';
import { defaultLimits } from './limits.ts';

/** In this order where nothing else tells them apart. */
const candidates = [',', ';', '\t', '|'];

/** The header and the rows behind it that are looked at. */
const rowsLookedAt = 21;

/**
 * The delimiter that splits the first row of the text, and its next ones most often into as many cells; of equals, the one that gives
 * more cells. Every quote must open or close a whole cell: where one does not, the delimiter is rather a character of the cell.
 * A comma where no candidate splits the first row: the file has one column.
 */
export function guessDelimiter(text: string): string {
  const bytes = Buffer.from(text);
  let best = { delimiter: ',', agreement: 0, width: 1 };
  for (const delimiter of candidates) {
    const { widths, starts, stops } = frame(bytes, 1, true, Buffer.from(delimiter), defaultLimits);
    const [width = 1] = widths;
    const rows = widths.slice(0, rowsLookedAt).map((other, index) => {
      const row = bytes.toString('utf8', starts[index], stops[index]);
      return { sound: hasSoundQuotes(row, delimiter), agrees: other === width };
    });
    const agreement = rows.filter((row) => row.sound && row.agrees).length / rows.length;
    const isBetter = agreement > best.agreement || (agreement === best.agreement && width > best.width);
    if (width > 1 && rows[0]?.sound === true && isBetter) best = { delimiter, agreement, width };
  }
  return best.delimiter;
}

/** How many cells the text's first row has. */
export function widthOfFirstRow(text: string, delimiter: string): number {
  return frame(Buffer.from(text), 1, true, Buffer.from(delimiter), defaultLimits).widths[0] ?? 0;
}

/** Whether every cell of the row is quoted as a whole or holds no quote. */
function hasSoundQuotes(row: string, delimiter: string): boolean {
  const cell = `(?:"[^"]*(?:""[^"]*)*"|[^"${delimiter}]*)`;
  return new RegExp(`^${cell}(?:[${delimiter}]${cell})*$`).test(row.replace(/[\r\n]+$/, ''));
}
