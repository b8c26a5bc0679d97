import { articlesRequests } from '../../../src/entrypoints/estimate/articles.ts';
import { counted } from '../../../src/entrypoints/estimate/counted.ts';
import { estimate } from '../../../src/entrypoints/estimate/estimate.ts';
import { estimateLines } from '../../../src/entrypoints/estimate/lines.ts';
import { prices } from '../../../src/entrypoints/estimate/prices.ts';

/** The page on cost with its figures as the code has them: what `rollcall estimate` prints, the price list, and the counts. */
export function withFigures(page: string): string {
  const printed = page.replaceAll(
    /(```\n\$ rollcall estimate (\d+)(?: --send-rate (\d+))?\n\n).*?(\n```)/gs,
    (_, head: string, rows: string, sendRate: string | undefined, end: string) =>
      `${head}${estimateLines(estimate(Number(rows), Number(sendRate ?? 14))).join('\n')}${end}`,
  );
  const priced = withTable(printed, 'Prices', ['what', 'price', 'for', 'source'], priceRows());
  return withTable(priced, 'Requests', ['', 'Rollcall', "the articles' design"], countRows());
}

/** The page without what a formatter may change: how far cells are filled up. */
export function unpadded(page: string): string {
  return page.replaceAll(/^\|.*$/gm, (line) => line.replaceAll(/ +/g, ' ').replaceAll(/-+/g, '-').replaceAll(':', ''));
}

function withTable(page: string, heading: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
  const place = new RegExp(`(\\n## ${heading}\\n.*?\\n\\n)(?:\\|[^\\n]*\\n)+`, 's');
  if (!place.test(page)) throw new Error(`The page has no table under "${heading}".`);
  return page.replace(place, (_, before: string) => before + table);
}

function priceRows(): readonly (readonly string[])[] {
  return Object.values(prices).map(({ unit, dollars, per, source }) => [unit, `$${dollars}`, number(per), `<${source}>`]);
}

function countRows(): readonly (readonly string[])[] {
  const { users, sqsRequests, invocations, seconds, writeUnits, readUnits, mails } = counted;
  const theirs = articlesRequests(users);
  const both = (what: string, ours: number, others?: number): readonly string[] => [
    what,
    number(ours),
    others === undefined ? '–' : number(others),
  ];
  return [
    both('users', users, users),
    both('requests of 64 KiB to the queue `uploads`', sqsRequests.uploads),
    both('to the queue `records`', sqsRequests.records, theirs.sends + theirs.receives + theirs.deletes),
    both('to the queue `welcomes`', sqsRequests.welcomes),
    both('invocations of process-csv', invocations['process-csv'], theirs.invocations.processCsv),
    both('of insert-records', invocations['insert-records'], theirs.invocations.insertRecords),
    both('of announce', invocations.announce),
    both('of send-email', invocations['send-email'], theirs.invocations.sendEmail),
    both('of sweep', invocations.sweep),
    ...Object.entries(seconds).map(([stage, lasted]) => both(`seconds of ${stage}`, Math.round(lasted))),
    both('write units: insert', writeUnits.insert, theirs.puts),
    both('claim', writeUnits.claim),
    both('confirm', writeUnits.confirm),
    both('accounting', writeUnits.accounting),
    both('read units', readUnits),
    both('mails', mails, theirs.mails),
  ];
}

function number(count: number): string {
  return count.toLocaleString('en');
}
