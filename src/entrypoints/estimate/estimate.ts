import { articlesUsage } from './articles.ts';
import { billOf, carrying, dollarsOf, hoursToWelcome, type BillLine, type Usage } from './bill.ts';
import { counted, deployment, standing } from './counted.ts';
import { flowUsage, standingUsage, type WritePromise } from './flow.ts';
import { priceList } from './prices.ts';

/** What an import on AWS comes to, beside what the articles' design would. In US dollars. */
export interface Estimate {
  readonly users: number;
  /** Mails a second. */
  readonly sendRate: number;
  readonly prices: typeof priceList;
  /** Until the last user is welcomed. */
  readonly hours: number;
  readonly ours: DesignBill;
  readonly articles: DesignBill;
  /** How many times as much the articles' design pays for carrying. */
  readonly times: number;
  /** The same, where a function has no more of a processor than goes with its memory. */
  readonly withShare: { readonly ours: number; readonly articles: number; readonly times: number };
  /** What our write units are for, in the order in which a user meets them. */
  readonly writes: readonly PromiseBill[];
  /** What a month of the stack costs in which nobody imports. */
  readonly idle: { readonly lines: readonly BillLine[]; readonly dollars: number };
}

/** The bill of one design. */
interface DesignBill {
  readonly lines: readonly BillLine[];
  /** Queues and functions alone. */
  readonly carrying: number;
  readonly dollars: number;
}

/** Write units, and the promise that they buy. */
export interface PromiseBill {
  readonly promise: WritePromise;
  readonly units: number;
  readonly dollars: number;
}

const daysAMonth = 30;

/** Estimates an import of `users` rows, all of them valid and new: the counted run in proportion. @param sendRate mails a second */
export function estimate(users: number, sendRate: number): Estimate {
  const flow = flowUsage(counted, deployment, users, sendRate);
  // At most: of each function X-Ray takes the first invocation of a second, and every twentieth of the others.
  const ours = { ...flow, traces: flow.lambdaInvocations ?? 0 };
  const articles = articlesUsage(users);
  const shares = {
    ours: dollarsOf(flowUsage(counted, deployment, users, sendRate, 'share'), carrying),
    articles: dollarsOf(articlesUsage(users, 'share'), carrying),
  };
  const idle = standingUsage(standing, daysAMonth);
  const promises = Object.entries(counted.writeUnits) as readonly (readonly [WritePromise, number])[];
  return {
    users,
    sendRate,
    prices: priceList,
    hours: hoursToWelcome(users, sendRate),
    ours: designBill(ours),
    articles: designBill(articles),
    times: dollarsOf(articles, carrying) / dollarsOf(ours, carrying),
    withShare: { ...shares, times: shares.articles / shares.ours },
    writes: promises.map(([promise, units]) => {
      const writeUnits = (units * users) / counted.users;
      return { promise, units: writeUnits, dollars: dollarsOf({ writeUnits }) };
    }),
    idle: { lines: billOf(idle), dollars: dollarsOf(idle) },
  };
}

function designBill(usage: Usage): DesignBill {
  return { lines: billOf(usage), carrying: dollarsOf(usage, carrying), dollars: dollarsOf(usage) };
}
