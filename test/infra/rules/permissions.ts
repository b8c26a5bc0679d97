import { functions, many, policies, resources, statements, type Plan, type Statement } from '../plan.ts';
import { rewrite, set, type Rule } from '../rule.ts';

const sender = ['sqs:SendMessage'];
const reader = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'];
const measure = ['sqs:GetQueueAttributes'];

/** What each stage, and a worker that does what they do, may do with queues, and no more. */
const queueRights: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'process-csv': { uploads: [...reader, ...sender], records: sender, 'uploads-dead-letters': sender },
  'insert-records': { records: reader, 'records-dead-letters': sender },
  announce: { welcomes: sender },
  'send-email': { welcomes: [...reader, ...sender], 'welcomes-dead-letters': sender },
  sweep: { welcomes: [...measure, ...sender] },
  'generate-users': { records: sender },
  // It sends what comes in, and dead letters back to their queues; to look at these it has to receive them.
  http: {
    ...{ uploads: sender, records: sender, welcomes: sender },
    ...{ 'uploads-dead-letters': reader, 'records-dead-letters': reader, 'welcomes-dead-letters': reader },
  },
  operator: {
    ...{ uploads: [...measure, ...sender], records: [...measure, ...sender], welcomes: [...measure, ...sender] },
    ...{ 'uploads-dead-letters': reader, 'records-dead-letters': reader, 'welcomes-dead-letters': reader },
  },
  worker: {
    ...{ uploads: [...reader, ...sender], records: [...reader, ...sender], welcomes: [...reader, ...sender] },
    ...{ 'uploads-dead-letters': sender, 'records-dead-letters': sender, 'welcomes-dead-letters': sender },
  },
};

/** AWS knows no narrower resource for these. */
const withoutResource = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'ses:GetSendQuota'];

/** Who may do what, statement by statement. */
export const permissionRules: readonly Rule[] = [
  {
    says: 'no action that is allowed has a wildcard',
    broken: (plan) =>
      allowed(plan).flatMap(({ at, statement }) =>
        many(statement.Action).flatMap((action) => (action.includes('*') ? [`${at}: ${action}`] : [])),
      ),
    canary: rewrite('module.function["announce"].aws_iam_role_policy.main', (all) => all.map((each) => ({ ...each, Action: 'sqs:*' }))),
  },
  {
    says: 'no permission is for any resource, except where AWS has no other',
    broken: (plan) =>
      allowed(plan)
        // In a key's policy * is the key itself.
        .filter(({ at, statement }) => !at.startsWith('aws_kms_key.') && many(statement.Resource).includes('*'))
        .flatMap(({ at, statement }) =>
          many(statement.Action).flatMap((action) => (withoutResource.includes(action) ? [] : [`${at}: ${action}`])),
        ),
    canary: rewrite('module.function["sweep"].aws_iam_role_policy.main', (all) => all.map((each) => ({ ...each, Resource: '*' }))),
  },
  {
    says: 'nothing is allowed to all but named actions or resources, and nobody is everybody',
    broken: (plan) =>
      allowed(plan).flatMap(({ at, statement }) => {
        const open = 'NotAction' in statement || 'NotResource' in statement || /"\*"/.test(JSON.stringify(statement.Principal ?? ''));
        return open ? [`${at}: ${statement.Sid ?? 'a statement'}`] : [];
      }),
    canary: rewrite('aws_sns_topic_policy.alarms', (all) => all.map((each) => ({ ...each, Principal: '*' }))),
  },
  {
    says: 'a sender only sends and a reader only reads, each on its own queue; process-csv and send-email also send to their own',
    broken: (plan) =>
      Object.entries(queueRights).flatMap(([stage, rights]) => {
        const rightsThere = roleStatements(plan, stage);
        if (rightsThere.length === 0) return stage === 'http' && !functions(plan).has(stage) ? [] : [`${stage} is not there.`];
        const found = sorted(
          rightsThere.flatMap((each) =>
            many(each.Action)
              .filter((action) => action.startsWith('sqs:'))
              .flatMap((action) => many(each.Resource).map((resource) => `${action} ${resource.replace(/^.*:rollcall-\w+?-/, '')}`)),
          ),
        );
        const wanted = sorted(Object.entries(rights).flatMap(([queue, actions]) => actions.map((action) => `${action} ${queue}`)));
        return found === wanted ? [] : [`${stage}: ${found}`];
      }),
    canary: rewrite('module.function["announce"].aws_iam_role_policy.main', (all) =>
      all.map((each) => (each.Sid === 'SendToWelcomesQueue' ? { ...each, Action: ['sqs:SendMessage', 'sqs:ReceiveMessage'] } : each)),
    ),
  },
  {
    says: 'mail goes out only from the From address, and only from send-email or a worker',
    broken: (plan) =>
      [...functions(plan).keys(), 'operator', 'worker'].flatMap((stage) =>
        roleStatements(plan, stage)
          .filter((each) => many(each.Action).some((action) => /^ses:Send/.test(action)))
          .flatMap((each) => {
            const right =
              ['send-email', 'worker'].includes(stage) && each.Condition?.['StringEquals']?.['ses:FromAddress'] === 'welcome@example.com';
            return right && many(each.Resource).every((resource) => resource.startsWith('arn:aws:ses:')) ? [] : [stage];
          }),
      ),
    canary: rewrite('aws_iam_policy.worker', (all) =>
      all.map((each) => (each.Sid === 'SendMail' ? { ...each, Condition: undefined } : each)),
    ),
  },
  {
    says: 'the key is used only through the services in use',
    broken: (plan) =>
      allowed(plan)
        .filter(({ statement }) =>
          many(statement.Action).some((action) => /^kms:(Decrypt|Encrypt|GenerateDataKey|ReEncrypt|CreateGrant)/.test(action)),
        )
        .flatMap(({ at, statement }) => {
          const through = many(statement.Condition?.['StringEquals']?.['kms:ViaService'] ?? []);
          const services = through.every((service) => /^(sqs|s3|dynamodb)\./.test(service));
          // A service of AWS names what it works for.
          const conditions = JSON.stringify(statement.Condition ?? {});
          const forAService = 'Service' in Object(statement.Principal ?? {}) && /aws:SourceAccount|aws:logs:arn/.test(conditions);
          return (through.length > 0 && services) || forAService ? [] : [`${at}: ${statement.Sid ?? 'a statement'}`];
        }),
    canary: rewrite('module.function["insert-records"].aws_iam_role_policy.main', (all) =>
      all.map((each) => (each.Sid === 'DecryptWhatItReads' ? { ...each, Condition: undefined } : each)),
    ),
  },
  {
    says: 'the key lets the uploads bucket notify the encrypted queue',
    broken: (plan) => {
      const statement = statements(plan['aws_kms_key.main']?.['policy']).find(
        ({ Sid }) => Sid === 'UploadsBucketNotifiesTheEncryptedQueue',
      );
      const right =
        JSON.stringify(statement?.Principal) === '{"Service":"s3.amazonaws.com"}' &&
        String(statement?.Action) === 'kms:GenerateDataKey,kms:Decrypt' &&
        statement?.Condition?.['StringEquals']?.['aws:SourceAccount'] === '123456789012' &&
        /^arn:aws:s3:::rollcall-\w+-uploads-/.test(String(statement.Condition['ArnEquals']?.['aws:SourceArn']));
      return right ? [] : ['It does not.'];
    },
    canary: rewrite('aws_kms_key.main', (all) => all.filter(({ Principal }) => !JSON.stringify(Principal).includes('s3.'))),
  },
  {
    says: 'the account keeps the say over its key',
    broken: (plan) => {
      const root = statements(plan['aws_kms_key.main']?.['policy']).filter(({ Principal }) => JSON.stringify(Principal).includes(':root'));
      const actions = root.flatMap(({ Action }) => many(Action));
      return ['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:DescribeKey'].filter((action) => !actions.includes(action));
    },
    canary: rewrite('aws_kms_key.main', (all) => all.filter(({ Sid }) => Sid !== 'AccountAdministersTheKey')),
  },
  {
    says: 'roles have the permissions boundary that was asked for',
    broken: (plan) => {
      const boundaries = new Set(resources(plan, 'aws_iam_role').map(({ values }) => String(values['permissions_boundary'])));
      return boundaries.size === 1 ? [] : [[...boundaries].join()];
    },
    canary: set('module.function["sweep"].aws_iam_role.main', 'permissions_boundary', 'arn:aws:iam::123456789012:policy/other'),
  },
];

/** The statements of a stage's role, or those of the policy `operator` or `worker`; none where there is no such one. */
export function roleStatements(plan: Plan, stage: string): readonly Statement[] {
  const { policy } = plan[`module.function["${stage}"].aws_iam_role_policy.main`] ?? plan[`aws_iam_policy.${stage}`] ?? {};
  return policy === undefined ? [] : statements(policy);
}

/** Everything that any policy of the plan allows, but for who takes a role on. */
export function allowed(plan: Plan): readonly { readonly at: string; readonly statement: Statement }[] {
  return policies(plan).flatMap(({ at, attribute, resource }) =>
    statements(resource.values[attribute])
      .filter(({ Effect, Action }) => Effect === 'Allow' && Action !== 'sts:AssumeRole')
      .map((statement) => ({ at, statement })),
  );
}

function sorted(texts: readonly string[]): string {
  return [...texts].sort().join('; ');
}
