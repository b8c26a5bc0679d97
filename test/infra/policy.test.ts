import { describe, expect, test } from '@jest/globals';
import { recorded, resources } from './plan.ts';
import { conditionRules } from './rules/conditions.ts';
import { functionRules } from './rules/functions.ts';
import { httpRules } from './rules/http.ts';
import { operationRules } from './rules/operations.ts';
import { permissionRules } from './rules/permissions.ts';
import { queueRules } from './rules/queues.ts';
import { storageRules } from './rules/storage.ts';

const plans = { 'the smallest plan': recorded.only_the_from_address, 'the plan with everything': recorded.everything };
const rules = [...storageRules, ...queueRules, ...functionRules, ...permissionRules, ...conditionRules, ...operationRules, ...httpRules];

describe.each(Object.entries(plans))('%s', (_name, plan) => {
  test('is a whole plan', () => {
    expect(resources(plan).length).toBeGreaterThan(100);
    // Without an issuer there is no HTTP API, and no function for it.
    expect(resources(plan, 'aws_lambda_function')).toHaveLength(plan === recorded.everything ? 7 : 6);
    expect(resources(plan, 'aws_apigatewayv2_api')).toHaveLength(plan === recorded.everything ? 1 : 0);
    expect(resources(plan, 'aws_sqs_queue')).toHaveLength(6);
  });

  test.each(rules)('$says', ({ broken }) => {
    expect(broken(plan)).toEqual([]);
  });
});

describe('a rule sees what breaks it', () => {
  test.each(rules)('$says', (rule) => {
    const { broken, canary } = rule;
    const plan = structuredClone(httpRules.includes(rule) ? recorded.everything : recorded.only_the_from_address);
    canary(plan);
    expect(broken(plan)).not.toEqual([]);
  });
});
