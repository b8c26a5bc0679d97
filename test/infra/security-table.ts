import { many, resources, statements, type Plan, type Resource, type Statement } from './plan.ts';
import { roleStatements } from './rules/permissions.ts';

/** A line of the tables in docs/security.md, without its last column, which says why. */
export type Line = readonly string[];

/** What each role may do: role, statement, actions, resources with their condition. What every function may do, or every one but one, stands there once. */
export function roleLines(plan: Plan): readonly Line[] {
  const stages = resources(plan, 'aws_lambda_function').map(({ values }) => String(values['handler']).split('.')[0]!);
  const all = [
    ...stages.map((stage) => ({ role: stage, rights: roleStatements(plan, stage) })),
    ...attached.map((role) => ({ role, rights: roleStatements(plan, role) })),
  ];
  const lines = all.flatMap(({ role, rights }) =>
    rights.map((statement) => ({ role, line: [statement.Sid ?? '', many(statement.Action).join(', '), whereOf(statement, role)] })),
  );
  const once = new Map<string, Line>();
  for (const { line } of lines) {
    const [one, ...more] = stages.filter((stage) => !lines.some((other) => other.role === stage && String(other.line) === String(line)));
    if (more.length === 0) once.set(String(line), [one === undefined ? 'every function' : `every function but ${one}`, ...line]);
  }
  const own = lines.filter(({ role, line }) => attached.includes(role) || !once.has(String(line)));
  return [...once.values(), ...own.map(({ role, line }) => [role, ...line])];
}

/** Policies that are attached to roles which are not of this stage. */
const attached = ['operator', 'worker'];

/** Whom the policies of the resources themselves let in, or keep out: policy, statement, who, actions, on what condition. */
export function resourceLines(plan: Plan): readonly Line[] {
  const lines = resources(plan)
    .filter(({ type, values }) => type in kinds && values['policy'] !== undefined)
    .flatMap((resource) =>
      statements(resource.values['policy']).map((statement) => {
        const denied = statement.Effect === 'Deny';
        const action = `${denied ? 'never ' : ''}${many(statement.Action).join(', ')}`;
        return [
          denied ? `every ${kinds[resource.type]!}` : ownName(resource),
          statement.Sid ?? '',
          whoOf(statement),
          action,
          conditionOf(statement),
        ];
      }),
    );
  return [...new Map(lines.map((line) => [String(line), line])).values()];
}

const kinds: Readonly<Record<string, string>> = {
  aws_kms_key: 'key',
  aws_sns_topic_policy: 'topic',
  aws_sqs_queue_policy: 'queue',
  aws_s3_bucket_policy: 'bucket',
};

/** Such as `queue uploads`. */
function ownName({ type, module }: Resource): string {
  return `${kinds[type]!} ${/\["(\w+)"\]/.exec(module)?.[1] ?? ''}`.trim();
}

function whoOf({ Principal }: Statement): string {
  if (Principal === '*') return 'everybody';
  const named = Object.values(Principal as Record<string, string | readonly string[]>).flatMap((who) => many(who));
  return named.map((who) => (who.endsWith(':root') ? 'the account' : short(who))).join(', ');
}

function whereOf(statement: Statement, role: string): string {
  const where = many(statement.Resource).map((arn) => short(arn).replace(role, 'ITS NAME'));
  const condition = conditionOf(statement);
  return `${where.join(', ')}${condition === '' ? '' : `; ${condition}`}`;
}

function conditionOf({ Condition = {} }: Statement): string {
  const parts = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(
      ([key, value]) =>
        `${key} ${operator === 'StringEquals' || operator === 'ArnEquals' ? '=' : operator} ${many(value).map(short).join(' or ')}`,
    ),
  );
  return parts.join(', ');
}

/** `arn:aws:sqs:…:rollcall-dev-uploads` as `sqs uploads`. */
function short(text: string): string {
  return text
    .replace(/^arn:aws:(\w+):[^:]*:[^:]*:(.*)$/, '$1 $2')
    .replace(/kms key\/.*/, 'kms the key')
    .replace(/rollcall-dev-/g, '')
    .replace(/configuration-set\/.*/, 'configuration-set/rollcall-STAGE')
    .replace(/-123456789012-eu-central-1/, '')
    .replace(/(\.eu-central-1)?\.amazonaws\.com/, '')
    .replace('123456789012', 'this account')
    .replace('welcome@example.com', 'the From address');
}
