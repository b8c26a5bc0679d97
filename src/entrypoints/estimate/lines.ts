import { carrying, type BillLine } from './bill.ts';
import { counted } from './counted.ts';
import type { Estimate, PromiseBill } from './estimate.ts';
import type { WritePromise } from './flow.ts';
import { prices, type Billed } from './prices.ts';

/** The estimate in lines for a person: what is billed, how much of it, and what it costs here and in the articles' design. */
export function estimateLines(estimate: Estimate): readonly string[] {
  const { users, sendRate, hours, ours, articles, times, withShare, idle, prices: list } = estimate;
  const perUser = Object.values(counted.writeUnits).reduce((sum, units) => sum + units, 0) / counted.users;
  return [
    `${whole(users)} ${users === 1 ? 'user' : 'users'}, all new, welcomed at ${whole(sendRate)} mails a second: ${number(hours, 2)} hours.`,
    `List prices of ${list.region}, ${list.asOf}, without free tier.`,
    '',
    row('', 'units', 'Rollcall', 'articles'),
    ...carrying.map((billed) => bothRow(billed, estimate)),
    row('carrying messages', '', dollars(ours.carrying), dollars(articles.carrying)),
    row('', '', '', `${number(times, 1)} ×`),
    row('  with their share of a processor alone', '', dollars(withShare.ours), dollars(withShare.articles)),
    row('', '', '', `${number(withShare.times, 1)} ×`),
    '',
    ...writeRows(estimate),
    ...others(estimate).map((billed) => bothRow(billed, estimate)),
    row('all', '', dollars(ours.dollars), dollars(articles.dollars)),
    '',
    `A user costs ${number(perUser, 3)} write units in its whole life.`,
    '',
    'A month in which nobody imports:',
    ...idle.lines.map(({ billed, units, dollars: cost }) => row(names[billed] ?? prices[billed].unit, amount(units), dollars(cost))),
    row('all', '', dollars(idle.dollars)),
  ];
}

/** What each write unit buys. */
const promised: Readonly<Record<WritePromise, string>> = {
  insert: 'insert: one account an address',
  claim: 'claim: nobody else sends this welcome',
  confirm: 'confirm: it is never sent again',
  accounting: "accounting: every row's outcome",
};

/** What idle polling is: the price list only knows requests. */
const names: Readonly<Partial<Record<Billed, string>>> = { sqsRequests: 'SQS requests: polls of empty queues' };

function writeRows({ writes, articles }: Estimate): readonly string[] {
  const theirs = find(articles.lines, 'writeUnits')?.dollars ?? 0;
  return [
    'DynamoDB write units',
    ...writes.map(({ promise, units, dollars: cost }: PromiseBill) =>
      row(`  ${promised[promise]}`, amount(units), dollars(cost), promise === 'insert' ? dollars(theirs) : '–'),
    ),
  ];
}

/** What else there is on our bill or theirs, the dearest first. */
function others({ ours, articles }: Estimate): readonly Billed[] {
  const all = [...ours.lines, ...articles.lines].map(({ billed }) => billed);
  return [...new Set(all)].filter((billed) => billed !== 'writeUnits' && !carrying.includes(billed));
}

function bothRow(billed: Billed, { ours, articles }: Estimate): string {
  const [mine, theirs] = [find(ours.lines, billed), find(articles.lines, billed)];
  return row(prices[billed].unit, amount(mine?.units ?? 0), dollars(mine?.dollars ?? 0), theirs ? dollars(theirs.dollars) : '–');
}

function find(lines: readonly BillLine[], billed: Billed): BillLine | undefined {
  return lines.find((line) => line.billed === billed);
}

function row(what: string, units: string, ours: string, theirs = ''): string {
  return `${what.padEnd(42)}${units.padStart(12)}${ours.padStart(12)}${theirs.padStart(12)}`.trimEnd();
}

/** Four digits after the point, as much of the bill is less than a cent. */
function dollars(value: number): string {
  return `$${number(value, 4)}`;
}

function amount(units: number): string {
  return units < 10 ? number(units, 3).replace(/\.?0+$/, '') : whole(Math.ceil(units));
}

function whole(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 3 });
}

function number(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
