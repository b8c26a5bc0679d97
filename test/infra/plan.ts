import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository, and the folder of the Terraform. */
export const root = join(import.meta.dirname, '../..');
export const infra = join(root, 'infra');

/** What a plan would make: the attributes of every resource, by its address. Unknown and empty ones are left out; JSON, such as policies, is opened. */
export type Plan = Record<string, Attributes>;
export interface Attributes {
  [name: string]: unknown;
}

export interface Resource {
  readonly address: string;
  /** Such as `aws_sqs_queue`. */
  readonly type: string;
  /** Its name within its module, such as `dead_letters`. */
  readonly name: string;
  /** Such as `module.queue["uploads"]`; empty at the root. */
  readonly module: string;
  readonly values: Attributes;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The recorded plans: with nothing given but the From address, and with everything. `npm run infra` holds them against what Terraform plans. */
export const recorded = JSON.parse(readFileSync(join(infra, 'tests/plans.json'), 'utf8')) as {
  readonly sources: string;
  /** The output that the command reads. */
  readonly environment: Readonly<Record<string, string>>;
  readonly only_the_from_address: Plan;
  readonly everything: Plan;
};

/** The plan with everything, under the names of the other one's stage. */
export const everything = JSON.parse(JSON.stringify(recorded.everything).replaceAll('rollcall-prod', 'rollcall-dev')) as Plan;

export function resources(plan: Plan, type?: string): readonly Resource[] {
  return Object.entries(plan)
    .map(([address, values]) => {
      const [, module = '', kind = '', name = ''] = /^(?:(module\..+?)\.)?(aws_\w+)\.(\w+)/.exec(address) ?? [];
      return { address, type: kind, name, module, values };
    })
    .filter((resource) => type === undefined || resource.type === type);
}

/** The first block of a name, such as `rule` or `environment`; empty where there is none. */
export function block(values: Attributes, name: string): Attributes {
  return blocks(values, name)[0] ?? {};
}

export function blocks(values: Attributes, name: string): readonly Attributes[] {
  return (values[name] as readonly Attributes[] | undefined) ?? [];
}

/** What JSON in an attribute says; empty where there is none. */
export function json(attribute: unknown): Readonly<Record<string, unknown>> {
  return (attribute ?? {}) as Record<string, unknown>;
}

/** The statements of a policy as it stands in an attribute. */
export function statements(policy: unknown): readonly Statement[] {
  return json(policy)['Statement'] as readonly Statement[];
}

/** Every policy of the plan, with the address of the resource and the attribute that holds it. */
export function policies(plan: Plan): readonly { readonly at: string; readonly attribute: string; readonly resource: Resource }[] {
  return resources(plan).flatMap((resource) =>
    ['policy', 'assume_role_policy']
      .filter((attribute) => resource.values[attribute] !== undefined)
      .map((attribute) => ({ at: `${resource.address}.${attribute}`, attribute, resource })),
  );
}

export function many(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** The functions, by stage. */
export function functions(plan: Plan): ReadonlyMap<string, Resource> {
  return new Map(resources(plan, 'aws_lambda_function').map((resource) => [String(resource.values['handler']).split('.')[0]!, resource]));
}
