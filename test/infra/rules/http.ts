import { isDeepStrictEqual } from 'node:util';
import { block, json, many, resources, type Plan } from '../plan.ts';
import { set, without, type Rule } from '../rule.ts';

/** What may be asked without a token: nobody's data is in it. */
const openRoutes = [
  'GET /',
  'GET /assets/{file}',
  'GET /docs',
  'GET /docs.css',
  'GET /health',
  'GET /openapi.json',
  'GET /problems/{code}',
];

/** What access logs may tell: neither who asked, nor for whom. */
const toldOfRequests = [
  ...['authorizer.error', 'error.responseType', 'httpMethod', 'integrationLatency', 'integrationStatus', 'requestId', 'requestTime'],
  ...['responseLatency', 'responseLength', 'routeKey', 'status'],
];

/** The HTTP API, where there is one. */
export const httpRules: readonly Rule[] = [
  {
    says: 'every route but the open ones asks for a token of the issuer, those that come later, too',
    broken: (plan) => {
      const routes = resources(plan, 'aws_apigatewayv2_route');
      const authorizers = resources(plan, 'aws_apigatewayv2_authorizer').filter(({ values }) => isOfAnIssuer(values));
      const unguarded = routes.flatMap(({ values }) => {
        const isGuarded =
          values['authorization_type'] === 'JWT' && authorizers.some((authorizer) => authorizer.values['id'] === values['authorizer_id']);
        return isGuarded || openRoutes.includes(String(values['route_key'])) ? [] : [`${String(values['route_key'])} is open.`];
      });
      const isWhole = apis(plan).length === 0 || routes.some(({ values }) => values['route_key'] === '$default');
      return [...unguarded, ...(isWhole ? [] : ['What no route names is not there.'])];
    },
    canary: set('aws_apigatewayv2_route.guarded[0]', 'authorization_type', 'NONE'),
  },
  {
    says: 'tokens must be meant for it',
    broken: (plan) =>
      resources(plan, 'aws_apigatewayv2_authorizer').flatMap(({ address, values }) => (isOfAnIssuer(values) ? [] : [address])),
    canary: set('aws_apigatewayv2_authorizer.token[0]', 'jwt_configuration.0.audience', []),
  },
  {
    says: 'requests are throttled',
    broken: (plan) =>
      resources(plan, 'aws_apigatewayv2_stage').flatMap(({ address, values }) => {
        const { throttling_rate_limit: rate, throttling_burst_limit: burst } = block(values, 'default_route_settings');
        return Number(rate) > 0 && Number(rate) <= 5_000 && Number(burst) > 0 && Number(burst) <= 10_000 ? [] : [address];
      }),
    canary: set('aws_apigatewayv2_stage.http[0]', 'default_route_settings.0.throttling_rate_limit', 0),
  },
  {
    says: 'requests are logged, encrypted, and no line tells an address, a path or a query',
    broken: (plan) =>
      resources(plan, 'aws_apigatewayv2_stage').flatMap(({ address, values }) => {
        const { destination_arn: place, format } = block(values, 'access_log_settings');
        const group = resources(plan, 'aws_cloudwatch_log_group').find(({ values: { name } }) =>
          String(place).endsWith(`:${String(name)}`),
        );
        const told = Object.values(json(format)).map((value) => String(value).replace('$context.', ''));
        return [
          ...(/^arn:aws:kms:/.test(String(group?.values['kms_key_id'])) ? [] : [`${address}: its log is not encrypted, or not there.`]),
          ...(Number(group?.values['retention_in_days'] ?? 0) > 0 ? [] : [`${address}: its log never forgets.`]),
          ...(isDeepStrictEqual(told.sort(), toldOfRequests) ? [] : [`${address} tells ${told.join()}.`]),
        ];
      }),
    canary: set('aws_apigatewayv2_stage.http[0]', 'access_log_settings.0.format.sender', '$context.identity.sourceIp'),
  },
  {
    says: 'the key lets the log of requests be encrypted',
    broken: (plan) =>
      resources(plan, 'aws_apigatewayv2_stage').flatMap(({ address, values }) => {
        const place = String(block(values, 'access_log_settings')['destination_arn']);
        return JSON.stringify(plan['aws_kms_key.main']?.['policy']).includes(`"${place}"`) ? [] : [address];
      }),
    canary: set(
      'aws_apigatewayv2_stage.http[0]',
      'access_log_settings.0.destination_arn',
      'arn:aws:logs:eu-central-1:123456789012:log-group:other',
    ),
  },
  {
    says: 'only the API calls its function, in a form that the function understands, and waits longer than that runs',
    broken: (plan) =>
      apis(plan).flatMap(({ address, values }) => {
        const allowed = plan['aws_lambda_permission.http[0]'] ?? {};
        const called = resources(plan, 'aws_apigatewayv2_integration');
        const timeout = Number(plan['module.function["http"].aws_lambda_function.main']?.['timeout']) * 1_000;
        const right =
          allowed['principal'] === 'apigateway.amazonaws.com' &&
          allowed['source_arn'] === `${String(values['execution_arn'])}/*` &&
          called.every(
            (each) =>
              each.values['payload_format_version'] === '2.0' &&
              /:function:rollcall-\w+-http$/.test(String(each.values['integration_uri'])) &&
              Number(each.values['timeout_milliseconds']) > timeout,
          );
        return right && called.length === 1 ? [] : [address];
      }),
    canary: set('aws_lambda_permission.http[0]', 'source_arn', '*'),
  },
  {
    says: 'pages of other origins may read nothing of it, and only its own may upload straight to the bucket',
    broken: (plan) =>
      apis(plan).flatMap(({ address, values }) => {
        const rules = json(plan['aws_s3_bucket_cors_configuration.uploads[0]']);
        const origins = many(block(rules, 'cors_rule')['allowed_origins'] as readonly string[]);
        return values['cors_configuration'] === undefined &&
          origins.some((origin) => origin.startsWith(`https://${String(values['id'])}.execute-api.`))
          ? []
          : [address];
      }),
    canary: set('aws_apigatewayv2_api.http[0]', 'cors_configuration', [{ allow_origins: ['*'] }]),
  },
  {
    says: 'an alarm rises when it fails',
    broken: (plan) =>
      apis(plan).flatMap(({ address, values }) => {
        const alarm = resources(plan, 'aws_cloudwatch_metric_alarm').find((each) => each.values['namespace'] === 'AWS/ApiGateway');
        const watched = (alarm?.values['dimensions'] as Record<string, unknown> | undefined)?.['ApiId'];
        return alarm?.values['metric_name'] === '5xx' && watched === values['id'] ? [] : [address];
      }),
    canary: without('aws_cloudwatch_metric_alarm.api_errors[0]'),
  },
];

function apis(plan: Plan) {
  return resources(plan, 'aws_apigatewayv2_api');
}

function isOfAnIssuer(values: Readonly<Record<string, unknown>>): boolean {
  const { issuer, audience } = block(values, 'jwt_configuration');
  return values['authorizer_type'] === 'JWT' && /^https:\/\//.test(String(issuer)) && Array.isArray(audience) && audience.length > 0;
}
