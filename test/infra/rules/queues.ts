import { isDeepStrictEqual } from 'node:util';
import { block, functions, json, resources, statements, type Plan, type Resource } from '../plan.ts';
import { rewrite, set, without, type Rule } from '../rule.ts';

/** Queues, dead letters, and the mappings that feed functions. */
export const queueRules: readonly Rule[] = [
  {
    says: 'every queue has its dead-letter queue, and that one takes from it alone',
    broken: (plan) =>
      mains(plan).flatMap(({ address, module, values }) => {
        const name = String(values['name']);
        const target = String(json(values['redrive_policy'])['deadLetterTargetArn']);
        const letters = plan[`${module}.aws_sqs_queue.dead_letters`];
        const allowed = plan[`${module}.aws_sqs_queue_redrive_allow_policy.dead_letters`]?.['redrive_allow_policy'];
        const { redrivePermission, sourceQueueArns } = json(allowed);
        const there = target.endsWith(`:${name}-dead-letters`) && letters?.['name'] === `${name}-dead-letters`;
        const back = redrivePermission === 'byQueue' && Array.isArray(sourceQueueArns) && String(sourceQueueArns).endsWith(`:${name}`);
        return there && back ? [] : [`${address} has not.`];
      }),
    canary: set('module.queue["records"].aws_sqs_queue.main', 'redrive_policy'),
  },
  {
    says: 'dead letters are kept for 14 days, which is longer than messages are, and messages for days longer than the latest alarm of their age',
    broken: (plan) =>
      resources(plan, 'aws_sqs_queue').flatMap(({ address, name, values }) => {
        const days = Number(values['message_retention_seconds']) / 86_400;
        return name === 'dead_letters' ? (days === 14 ? [] : [address]) : days > 7 && days < 14 ? [] : [address];
      }),
    canary: set('module.queue["uploads"].aws_sqs_queue.main', 'message_retention_seconds', 14 * 86_400),
  },
  {
    says: 'a message that kills its process becomes a dead letter before it expires',
    broken: (plan) =>
      mains(plan).flatMap(({ address, values }) => {
        const seconds =
          Number(json(values['redrive_policy'])['maxReceiveCount'] ?? Infinity) * Number(values['visibility_timeout_seconds']);
        return seconds < Number(values['message_retention_seconds']) ? [] : [`${address}: after ${seconds} s.`];
      }),
    canary: set('module.queue["welcomes"].aws_sqs_queue.main', 'redrive_policy', { maxReceiveCount: 1000 }),
  },
  {
    says: 'queues are long polled, for 20 seconds',
    broken: (plan) =>
      resources(plan, 'aws_sqs_queue').flatMap(({ address, values }) => (values['receive_wait_time_seconds'] === 20 ? [] : [address])),
    canary: set('module.queue["welcomes"].aws_sqs_queue.main', 'receive_wait_time_seconds', 0),
  },
  {
    says: 'queues answer over TLS only',
    broken: (plan) =>
      resources(plan, 'aws_sqs_queue').flatMap(({ address, module, name, values }) => {
        const policy = plan[`${module}.aws_sqs_queue_policy.${name}`]?.['policy'];
        const denied = (policy === undefined ? [] : statements(policy)).some(
          ({ Effect, Action, Principal, Condition, Resource }) =>
            Effect === 'Deny' &&
            Action === 'sqs:*' &&
            Principal === '*' &&
            String(Resource).endsWith(`:${String(values['name'])}`) &&
            Condition?.['Bool']?.['aws:SecureTransport'] === 'false',
        );
        return denied ? [] : [address];
      }),
    canary: without('module.queue["records"].aws_sqs_queue_policy.dead_letters'),
  },
  {
    says: 'only the uploads bucket of this account may send to a queue by the queue’s own policy',
    broken: (plan) =>
      resources(plan, 'aws_sqs_queue_policy').flatMap(({ address, values }) =>
        statements(values['policy'])
          .filter(({ Effect }) => Effect === 'Allow')
          .flatMap(({ Condition, Action, Principal }) => {
            const bucket = String(Condition?.['ArnEquals']?.['aws:SourceArn']);
            const account = Condition?.['StringEquals']?.['aws:SourceAccount'];
            const right =
              address === 'module.queue["uploads"].aws_sqs_queue_policy.main' &&
              Action === 'sqs:SendMessage' &&
              JSON.stringify(Principal) === '{"Service":"s3.amazonaws.com"}' &&
              /^arn:aws:s3:::rollcall-\w+-uploads-/.test(bucket) &&
              account === '123456789012';
            return right ? [] : [address];
          }),
      ),
    canary: rewrite('module.queue["uploads"].aws_sqs_queue_policy.main', (all) =>
      all.map((statement) => (statement.Effect === 'Allow' ? { ...statement, Condition: undefined } : statement)),
    ),
  },
  {
    says: 'a message stays invisible for six times its function’s time-out, and the batching window',
    broken: (plan) =>
      queueMappings(plan).flatMap(({ queue, fed, mapping }) => {
        const least = 6 * Number(fed?.values['timeout']) + Number(mapping.values['maximum_batching_window_in_seconds']);
        return Number(queue?.values['visibility_timeout_seconds']) >= least ? [] : [`${mapping.address}: less than ${least} s.`];
      }),
    canary: set('module.queue["uploads"].aws_sqs_queue.main', 'visibility_timeout_seconds', 180),
  },
  {
    says: 'every queue feeds its function, with a maximum of concurrency, and the stream feeds announce',
    broken: (plan) => {
      const fed = queueMappings(plan).map(({ queue, mapping, fed }) => {
        const most = Number(block(mapping.values, 'scaling_config')['maximum_concurrency']);
        return `${String(queue?.values['name']).replace(/^.*-/, '')} → ${String(fed?.values['handler'])} ${most >= 2 && most <= 1000 ? 'bounded' : 'unbounded'}`;
      });
      const wanted = [
        'records → insert-records.handler bounded',
        'uploads → process-csv.handler bounded',
        'welcomes → send-email.handler bounded',
      ];
      const stream = /-announce$/.test(String(plan['aws_lambda_event_source_mapping.announce']?.['function_name']));
      return String(fed.sort()) === String(wanted) && stream ? [] : [`${fed.join('; ')}; stream: ${stream}`];
    },
    canary: set('aws_lambda_event_source_mapping.queue["send-email"]', 'scaling_config'),
  },
  {
    says: 'no function has a reserved concurrency, which mappings over-receive against',
    broken: (plan) =>
      resources(plan, 'aws_lambda_function').flatMap(({ address, values }) =>
        Number(values['reserved_concurrent_executions'] ?? -1) === -1 ? [] : [address],
      ),
    canary: set('module.function["send-email"].aws_lambda_function.main', 'reserved_concurrent_executions', 2),
  },
  {
    says: 'every mapping takes partial batch responses',
    broken: (plan) =>
      mappings(plan).flatMap(({ address, values }) =>
        String(values['function_response_types']) === 'ReportBatchItemFailures' ? [] : [`${address} does not.`],
      ),
    canary: set('aws_lambda_event_source_mapping.queue["insert-records"]', 'function_response_types'),
  },
  {
    says: 'the stream begins at its beginning, passes on inserted users who want a welcome, and gives up on no record without a trace',
    broken: (plan) => {
      const values = plan['aws_lambda_event_source_mapping.announce'] ?? {};
      const { pattern } = block(block(values, 'filter_criteria'), 'filter');
      const wanted = { eventName: ['INSERT'], dynamodb: { NewImage: { welcome: { BOOL: [true] } } } };
      const failures = block(block(values, 'destination_config'), 'on_failure')['destination_arn'];
      return [
        ...(isDeepStrictEqual(pattern, wanted) ? [] : [`The filter is ${JSON.stringify(pattern)}.`]),
        ...(values['starting_position'] === 'TRIM_HORIZON' ? [] : ['It does not begin at the beginning.']),
        ...(values['bisect_batch_on_function_error'] === true ? [] : ['It does not bisect.']),
        ...(Number(values['maximum_retry_attempts'] ?? -1) >= 0 ? [] : ['It retries for ever.']),
        ...(Number(values['maximum_record_age_in_seconds'] ?? -1) > 0 ? [] : ['Records may grow old for ever.']),
        ...(/^arn:aws:s3:::rollcall-\w+-failures-/.test(String(failures)) ? [] : ['What fails goes to no bucket.']),
      ];
    },
    canary: set('aws_lambda_event_source_mapping.announce', 'filter_criteria'),
  },
];

function mains(plan: Plan): readonly Resource[] {
  return resources(plan, 'aws_sqs_queue').filter(({ name }) => name === 'main');
}

function mappings(plan: Plan): readonly Resource[] {
  return resources(plan, 'aws_lambda_event_source_mapping');
}

/** The mappings of queues, each with its queue and the function that it feeds. */
function queueMappings(
  plan: Plan,
): readonly { readonly mapping: Resource; readonly queue?: Resource | undefined; readonly fed?: Resource | undefined }[] {
  return mappings(plan)
    .filter(({ name }) => name === 'queue')
    .map((mapping) => ({
      mapping,
      queue: mains(plan).find(({ values }) => String(mapping.values['event_source_arn']).endsWith(`:${String(values['name'])}`)),
      fed: [...functions(plan).values()].find(({ values }) => values['function_name'] === mapping.values['function_name']),
    }));
}
