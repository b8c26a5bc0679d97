import { block, functions, json, resources } from '../plan.ts';
import { set, without, type Rule } from '../rule.ts';

/** The functions themselves. */
export const functionRules: readonly Rule[] = [
  {
    says: 'functions run on Node 24 on arm64, and are traced',
    broken: (plan) =>
      [...functions(plan).values()].flatMap(({ address, values }) => {
        const found = [values['runtime'], values['architectures'], block(values, 'tracing_config')['mode']].map(String);
        return found.join() === 'nodejs24.x,arm64,Active' ? [] : [`${address}: ${found.join()}.`];
      }),
    canary: set('module.function["sweep"].aws_lambda_function.main', 'architectures', ['x86_64']),
  },
  {
    says: 'every function has a log group of its own name, which forgets',
    broken: (plan) =>
      [...functions(plan).values()].flatMap(({ address, module, values }) => {
        const group = plan[`${module}.aws_cloudwatch_log_group.main`];
        const name = `/aws/lambda/${String(values['function_name'])}`;
        const used = block(values, 'logging_config')['log_group'] === name && group?.['name'] === name;
        return used && Number(group['retention_in_days'] ?? 0) > 0 ? [] : [`${address} has not.`];
      }),
    canary: set('module.function["announce"].aws_cloudwatch_log_group.main', 'retention_in_days'),
  },
  {
    says: 'every function has a role of its own, which Lambda alone takes on',
    broken: (plan) =>
      [...functions(plan).values()].flatMap(({ address, module, values }) => {
        const role = plan[`${module}.aws_iam_role.main`];
        const trust = json(role?.['assume_role_policy']);
        const lambda = [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }];
        const own = role?.['name'] === values['function_name'] && JSON.stringify(trust['Statement']) === JSON.stringify(lambda);
        return own && plan[`${module}.aws_iam_role_policy.main`]?.['role'] === values['function_name'] ? [] : [`${address} has not.`];
      }),
    canary: set('module.function["announce"].aws_iam_role_policy.main', 'role', 'rollcall-dev-sweep'),
  },
  {
    says: 'what a function could not do for somebody who does not wait goes to the failures bucket',
    broken: (plan) =>
      [...functions(plan).values()].flatMap(({ address, module }) => {
        const destination = block(plan[`${module}.aws_lambda_function_event_invoke_config.main`] ?? {}, 'destination_config');
        return /-failures-/.test(String(block(destination, 'on_failure')['destination'])) ? [] : [`${address}: it vanishes.`];
      }),
    canary: without('module.function["sweep"].aws_lambda_function_event_invoke_config.main'),
  },
  {
    // process-csv continues its reading; send-email sends whoever has to wait, for days if it must, in a new message.
    says: 'the two that send to the queue they read may call themselves, and no other',
    broken: (plan) =>
      [...functions(plan)].flatMap(([stage, { module }]) => {
        const wanted = ['process-csv', 'send-email'].includes(stage) ? 'Allow' : 'Terminate';
        const found = plan[`${module}.aws_lambda_function_recursion_config.main`]?.['recursive_loop'];
        return found === wanted ? [] : [`${stage}: ${String(found)}.`];
      }),
    canary: set('module.function["insert-records"].aws_lambda_function_recursion_config.main', 'recursive_loop', 'Allow'),
  },
  {
    says: 'a leg of process-csv ends well before its time-out',
    broken: (plan) => {
      const values = functions(plan).get('process-csv')?.values ?? {};
      const { ROLLCALL_LEG_SECONDS: leg } = block(values, 'environment')['variables'] as Record<string, string>;
      return Number(values['timeout']) >= Number(leg) + 60 ? [] : [`${leg} s of ${String(values['timeout'])} s.`];
    },
    canary: set('module.function["process-csv"].aws_lambda_function.main', 'timeout', 120),
  },
  {
    says: 'the sweep runs on a schedule, which alone may start it',
    broken: (plan) => {
      const rule = resources(plan, 'aws_cloudwatch_event_rule')[0]?.values ?? {};
      const target = plan['aws_cloudwatch_event_target.sweep'] ?? {};
      const allowed = plan['aws_lambda_permission.sweep'] ?? {};
      const right =
        /^rate\(/.test(String(rule['schedule_expression'])) &&
        target['rule'] === rule['name'] &&
        /:function:rollcall-\w+-sweep$/.test(String(target['arn'])) &&
        allowed['principal'] === 'events.amazonaws.com' &&
        String(allowed['source_arn']).endsWith(`:rule/${String(rule['name'])}`) &&
        resources(plan, 'aws_lambda_permission').filter(({ values }) => values['function_name'] === allowed['function_name']).length === 1;
      return right ? [] : ['It does not.'];
    },
    canary: set('aws_lambda_permission.sweep', 'source_arn'),
  },
];
