import { describe, expect, test } from '@jest/globals';
import { recorded, resources } from './plan.ts';
import { functionRules } from './rules/functions.ts';
import { operationRules } from './rules/operations.ts';
import { permissionRules } from './rules/permissions.ts';
import { queueRules } from './rules/queues.ts';
import { storageRules } from './rules/storage.ts';

const plans = { 'the smallest plan': recorded.only_the_from_address, 'the plan with everything': recorded.everything };
const rules = [...storageRules, ...queueRules, ...functionRules, ...permissionRules, ...operationRules];

describe.each(Object.entries(plans))('%s', (_name, plan) => {
  test('is a whole plan', () => {
    expect(resources(plan).length).toBeGreaterThan(100);
    expect(resources(plan, 'aws_lambda_function')).toHaveLength(6);
    expect(resources(plan, 'aws_sqs_queue')).toHaveLength(6);
  });

  test.each(rules)('$says', ({ broken }) => {
    expect(broken(plan)).toEqual([]);
  });
});

describe('a rule sees what breaks it', () => {
  test.each(rules)('$says', ({ broken, canary }) => {
    const plan = structuredClone(recorded.only_the_from_address);
    canary(plan);
    expect(broken(plan)).not.toEqual([]);
  });
});
