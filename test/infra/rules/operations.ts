import { block, blocks, functions, json, resources, type Plan } from '../plan.ts';
import { set, without, type Rule } from '../rule.ts';

/** Alarms, mail, the dashboard and the bill. */
export const operationRules: readonly Rule[] = [
  {
    says: 'every function has alarms for errors and throttles',
    broken: (plan) =>
      [...functions(plan).values()].flatMap(({ values }) =>
        ['Errors', 'Throttles'].flatMap((metric) => missing(plan, 'AWS/Lambda', metric, 'FunctionName', values['function_name'])),
      ),
    canary: without('module.function["sweep"].aws_cloudwatch_metric_alarm.errors'),
  },
  {
    says: 'every queue has an alarm for the age of its oldest message, every dead-letter queue one for not being empty',
    broken: (plan) =>
      resources(plan, 'aws_sqs_queue').flatMap(({ name, values }) =>
        name === 'main'
          ? missing(plan, 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName', values['name'])
          : missing(plan, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', values['name'], 0),
      ),
    canary: set('module.queue["uploads"].aws_cloudwatch_metric_alarm.dead_letters', 'threshold', 10),
  },
  {
    says: 'an alarm rises when the stream is not read',
    broken: (plan) => missing(plan, 'AWS/Lambda', 'IteratorAge', 'FunctionName', functions(plan).get('announce')?.values['function_name']),
    canary: without('aws_cloudwatch_metric_alarm.iterator_age'),
  },
  {
    says: 'an alarm rises when announce cannot pass users on, which is no error to Lambda',
    broken: (plan) =>
      resources(plan, 'aws_cloudwatch_metric_alarm').some(({ values }) => {
        const filter = resources(plan, 'aws_cloudwatch_log_metric_filter').find((each) => {
          const { namespace, name } = block(each.values, 'metric_transformation');
          return namespace === values['namespace'] && name === values['metric_name'];
        })?.values;
        const heard = filter?.['pattern'] === '{ $.level = "ERROR" }' && /\/rollcall-\w+-announce$/.test(String(filter['log_group_name']));
        return heard && values['threshold'] === 0;
      })
        ? []
        : ['Nobody hears of it.'],
    canary: set('aws_cloudwatch_log_metric_filter.announce_failures', 'log_group_name', '/aws/lambda/rollcall-dev-sweep'),
  },
  {
    says: 'alarms rise before SES puts the account under review, at 5% bounces or 0.1% complaints',
    broken: (plan) =>
      Object.entries({ 'Reputation.BounceRate': 0.05, 'Reputation.ComplaintRate': 0.001 }).flatMap(([metric, limit]) => {
        const alarm = resources(plan, 'aws_cloudwatch_metric_alarm').find(({ values }) => values['metric_name'] === metric);
        return alarm && Number(alarm.values['threshold']) < limit ? [] : [metric];
      }),
    canary: set('aws_cloudwatch_metric_alarm.reputation["bounces"]', 'threshold', 0.05),
  },
  {
    says: 'every alarm tells the topic, and says what it is about and where the runbook has its page',
    broken: (plan) =>
      resources(plan, 'aws_cloudwatch_metric_alarm').flatMap(({ address, values }) => {
        const told = /:rollcall-\w+-alarms$/.test(String(values['alarm_actions']));
        return told && /\. Runbook: [a-z -]+\.$/.test(String(values['alarm_description'])) ? [] : [address];
      }),
    canary: set('aws_cloudwatch_metric_alarm.iterator_age', 'alarm_actions', []),
  },
  {
    says: 'a month’s spend has a budget, which tells the topic before it is used up',
    broken: (plan) => {
      const budget = resources(plan, 'aws_budgets_budget')[0]?.values ?? {};
      const told = blocks(budget, 'notification').filter((each) => String(each['subscriber_sns_topic_arns']).endsWith('-alarms'));
      return told.some((each) => Number(each['threshold']) < 100) ? [] : ['It has none.'];
    },
    canary: without('aws_budgets_budget.month[0]'),
  },
  {
    says: 'mails are counted by a configuration set, in few series, and addresses that bounced are left alone',
    broken: (plan) => {
      const set = plan['aws_sesv2_configuration_set.main'] ?? {};
      const destination = block(plan['aws_sesv2_configuration_set_event_destination.counts'] ?? {}, 'event_destination');
      const dimensions = blocks(block(destination, 'cloud_watch_destination'), 'dimension_configuration');
      return [
        ...(String(block(set, 'suppression_options')['suppressed_reasons']) === 'BOUNCE,COMPLAINT'
          ? []
          : ['Bounced addresses get more mail.']),
        ...(['BOUNCE', 'COMPLAINT', 'SEND'].every((type) => String(destination['matching_event_types']).split(',').includes(type))
          ? []
          : ['Not all is counted.']),
        ...(dimensions.map((each) => each['dimension_name']).join() === 'ses:configuration-set'
          ? []
          : ['A series for every user is billed.']),
      ];
    },
    canary: set(
      'aws_sesv2_configuration_set_event_destination.counts',
      'event_destination.0.cloud_watch_destination.0.dimension_configuration.0.dimension_name',
      'user',
    ),
  },
  {
    says: 'the dashboard shows every queue, function and table, the mails, and the log lines of one import',
    broken: (plan) => {
      const body = JSON.stringify(plan['aws_cloudwatch_dashboard.main']?.['dashboard_body']);
      const names = [
        ...resources(plan, 'aws_sqs_queue').map(({ values }) => values['name']),
        ...resources(plan, 'aws_dynamodb_table').map(({ values }) => values['name']),
        ...[...functions(plan).values()].map(({ values }) => values['function_name']),
        'Bounce',
        'SOURCE ',
      ];
      return names.map(String).filter((name) => !new RegExp(`"${name}["'/]?|${name}'`).test(body));
    },
    canary: (plan) => {
      const values = plan['aws_cloudwatch_dashboard.main']!;
      values['dashboard_body'] = JSON.parse(JSON.stringify(values['dashboard_body']).replaceAll('-welcomes-dead-letters', ''));
    },
  },
  {
    says: 'the dashboard is one that an account has free: up to three, of 50 metrics each',
    broken: (plan) =>
      resources(plan, 'aws_cloudwatch_dashboard').flatMap(({ address, values }, index) => {
        const { widgets } = json(values['dashboard_body']) as {
          readonly widgets: readonly { properties: { metrics?: readonly unknown[] } }[];
        };
        const shown = widgets.reduce((sum, { properties: { metrics = [] } }) => sum + metrics.length, 0);
        return index === 0 && shown <= 50 ? [] : [`${address} shows ${shown}.`];
      }),
    canary: (plan) => {
      const { widgets } = json(plan['aws_cloudwatch_dashboard.main']!['dashboard_body']) as { readonly widgets: unknown[] };
      widgets.push(...widgets);
    },
  },
  {
    says: 'saved queries look at the logs of all functions',
    broken: (plan) =>
      resources(plan, 'aws_cloudwatch_query_definition').flatMap(({ address, values }) =>
        (values['log_group_names'] as readonly string[]).length === functions(plan).size ? [] : [address],
      ),
    canary: set('aws_cloudwatch_query_definition.main["one import"]', 'log_group_names', []),
  },
  {
    says: 'names begin with the stage, so that two stages live in one account',
    broken: (plan) => {
      const prefix = String(plan['aws_cloudwatch_dashboard.main']?.['dashboard_name']);
      return resources(plan).flatMap(({ address, values }) =>
        ['name', 'function_name', 'alarm_name', 'dashboard_name', 'configuration_set_name', 'bucket']
          .filter((key) => typeof values[key] === 'string' && !nameOf(values[key]).startsWith(prefix))
          .map((key) => `${address}.${key}`)
          // The name of a role's own policy is unique within the role, that of an API's stage within the API.
          .filter((place) => !/aws_iam_role_policy\.main\.name$|^aws_apigatewayv2_stage\./.test(place)),
      );
    },
    canary: set('module.table["users"].aws_dynamodb_table.main', 'name', 'users'),
  },
];

/** Nothing, if there is an alarm for the metric of that one thing. */
function missing(plan: Plan, namespace: string, metric: string, dimension: string, value: unknown, threshold?: number): readonly string[] {
  const found = resources(plan, 'aws_cloudwatch_metric_alarm').some(
    ({ values }) =>
      values['namespace'] === namespace &&
      values['metric_name'] === metric &&
      (values['dimensions'] as Record<string, unknown> | undefined)?.[dimension] === value &&
      (threshold === undefined || values['threshold'] === threshold),
  );
  return found ? [] : [`No alarm for ${metric} of ${String(value)}.`];
}

function nameOf(value: unknown): string {
  return String(value).replace(/^(alias\/|\/aws\/(lambda|vendedlogs)\/)/, '');
}
