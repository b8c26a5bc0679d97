import { prices, type Billed, type Price } from './prices.ts';

/** How much of what was used; what is left out is nothing. */
export type Usage = Readonly<Partial<Record<Billed, number>>>;

/** One line of a bill. */
export interface BillLine {
  readonly billed: Billed;
  readonly unit: string;
  readonly units: number;
  readonly dollars: number;
}

/** The dearest first; what was not used has no line. */
export function billOf(usage: Usage): readonly BillLine[] {
  return allBilled
    .map((billed) => {
      const price: Price = prices[billed];
      const units = usage[billed] ?? 0;
      return { billed, unit: price.unit, units, dollars: (units / price.per) * price.dollars };
    })
    .filter(({ units }) => units > 0)
    .sort((left, right) => right.dollars - left.dollars);
}

/** The sum of a bill in dollars, or of some kinds of it. */
export function dollarsOf(usage: Usage, kinds: readonly Billed[] = allBilled): number {
  return billOf(usage)
    .filter(({ billed }) => kinds.includes(billed))
    .reduce((sum, { dollars }) => sum + dollars, 0);
}

/** What carrying messages costs, without what is done with them: here designs differ most. */
export const carrying: readonly Billed[] = ['sqsRequests', 'lambdaInvocations', 'lambdaGbSeconds'];

/** Several usages as one. */
export function sumOf(...usages: readonly Usage[]): Usage {
  return Object.fromEntries(allBilled.map((billed) => [billed, usages.reduce((sum, usage) => sum + (usage[billed] ?? 0), 0)]));
}

/**
 * How many hours it takes until `users` are welcomed.
 * @param sendRate mails a second
 * @param dailyQuota mails in 24 hours, all of which go out at the rate and then none until the 24 hours have passed
 */
export function hoursToWelcome(users: number, sendRate: number, dailyQuota = Infinity): number {
  const fullDays = dailyQuota === Infinity ? 0 : Math.max(0, Math.ceil(users / dailyQuota) - 1);
  const rest = fullDays === 0 ? users : users - fullDays * dailyQuota;
  return Math.max(users / sendRate / 3600, fullDays * 24 + rest / sendRate / 3600);
}

const allBilled = Object.keys(prices) as readonly Billed[];
