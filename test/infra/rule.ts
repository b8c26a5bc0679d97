import type { Attributes, Plan, Statement } from './plan.ts';
import { statements } from './plan.ts';

/** Something that every plan must hold to. */
export interface Rule {
  readonly says: string;
  /** What is wrong with the plan, in sentences that name the resource. */
  readonly broken: (plan: Plan) => readonly string[];
  /** Breaks a plan, to show that `broken` sees it. */
  readonly canary: (plan: Plan) => void;
}

/** A canary that sets an attribute of a resource, or removes it. `path` leads through blocks, by name and index. */
export function set(address: string, path: string, value?: unknown): (plan: Plan) => void {
  return (plan) => {
    const steps = path.split('.');
    const last = steps.pop()!;
    const holder = steps.reduce<Attributes>((at, step) => at[step] as Attributes, resourceAt(plan, address));
    if (value === undefined) Reflect.deleteProperty(holder, last);
    else holder[last] = value;
  };
}

/** A canary that takes a resource out of the plan. */
export function without(address: string): (plan: Plan) => void {
  return (plan) => {
    resourceAt(plan, address);
    Reflect.deleteProperty(plan, address);
  };
}

/** A canary that rewrites the statements of a policy. */
export function rewrite(
  address: string,
  change: (statements: Statement[]) => readonly unknown[],
  attribute = 'policy',
): (plan: Plan) => void {
  return (plan) => {
    const values = resourceAt(plan, address);
    const Statement = change([...statements(values[attribute])]);
    values[attribute] = { Version: '2012-10-17', Statement };
  };
}

function resourceAt(plan: Plan, address: string): Attributes {
  const values = plan[address];
  if (!values) throw new Error(`The plan has no ${address}: the canary is out of date.`);
  return values;
}
