import { many, policies, resources, statements, type Statement } from '../plan.ts';
import { rewrite, set, type Rule } from '../rule.ts';
import { allowed } from './permissions.ts';

const account = '123456789012';

/** On what conditions permissions hold, and whether AWS takes the policies. */
export const conditionRules: readonly Rule[] = [
  {
    says: 'a condition on all values also asks that there are some: of none it is true',
    broken: (plan) =>
      allowed(plan).flatMap(({ at, statement: { Sid = 'a statement', Condition = {} } }) =>
        Object.entries(Condition)
          .filter(([operator]) => operator.startsWith('ForAllValues:'))
          .flatMap(([, keys]) => Object.keys(keys))
          .flatMap((key) => (Condition['Null']?.[key] === 'false' ? [] : [`${at}: ${Sid}`])),
      ),
    canary: rewrite('module.function["send-email"].aws_iam_role_policy.main', (all) =>
      all.map((each) => (each.Sid === 'KeepSchedule' ? { ...each, Condition: { ...each.Condition, Null: {} } } : each)),
    ),
  },
  {
    says: 'who sends mail sees nothing of the table of imports but its line',
    broken: (plan) =>
      statements(plan['module.function["send-email"].aws_iam_role_policy.main']?.['policy'])
        .filter(({ Resource }) => many(Resource).some((resource) => resource.endsWith('-imports')))
        .flatMap(({ Sid = 'a statement', Condition }) =>
          String(Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']) === 'schedule,schedule#*' ? [] : [Sid],
        ),
    canary: rewrite('module.function["send-email"].aws_iam_role_policy.main', (all) =>
      all.map((each) => (each.Sid === 'KeepSchedule' ? { ...each, Condition: undefined } : each)),
    ),
  },
  {
    // docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    says: 'a service of AWS is let in only where it acts for this account, and for a resource of it',
    broken: (plan) =>
      allowed(plan)
        .filter(({ statement: { Principal } }) => 'Service' in Object(Principal ?? {}))
        .flatMap(({ at, statement }) => (isForThisAccount(statement) ? [] : [`${at}: ${statement.Sid ?? 'a statement'}`])),
    canary: rewrite('aws_sns_topic_policy.alarms', (all) =>
      all.map((each) =>
        each.Sid === 'BudgetPublishes' ? { ...each, Condition: { StringEquals: { 'aws:SourceAccount': account } } } : each,
      ),
    ),
  },
  {
    says: 'a service calls a function only for this account, and from what the policy names',
    broken: (plan) =>
      resources(plan, 'aws_lambda_permission').flatMap(({ address, values }) => {
        const { source_account: of, source_arn: arn } = values;
        return of === account && String(arn).includes(`:${account}:`) ? [] : [address];
      }),
    canary: set('aws_lambda_permission.sweep', 'source_account'),
  },
  {
    // docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; names of another stage and region are longer than these by less than the margin.
    says: 'no policy is longer than IAM takes: 6,144 characters where it is attached, 10,240 where it is a role’s own',
    broken: (plan) =>
      policies(plan).flatMap(({ at, resource: { type, values } }) => {
        const most = { aws_iam_policy: 6_144, aws_iam_role_policy: 10_240 }[type] ?? Infinity;
        const length = JSON.stringify(values['policy'] ?? {}).length;
        return length <= most * 0.9 ? [] : [`${at}: ${length}`];
      }),
    canary: rewrite('aws_iam_policy.worker', (all) => [...all, ...all]),
  },
];

/** The log service tells the log group instead: its name holds the account. */
function isForThisAccount({ Condition = {} }: Statement): boolean {
  const arns = { ...Condition['ArnEquals'], ...Condition['ArnLike'] };
  const groups = many(arns['kms:EncryptionContext:aws:logs:arn'] ?? []);
  if (groups.length > 0) return groups.every((group) => group.includes(`:${account}:log-group:/aws/`));
  return Condition['StringEquals']?.['aws:SourceAccount'] === account && /^arn:aws:\w+:/.test(String(arns['aws:SourceArn']));
}
