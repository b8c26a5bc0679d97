import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { standing } from '../../src/entrypoints/estimate/counted.ts';
import { estimate } from '../../src/entrypoints/estimate/estimate.ts';
import { prices } from '../../src/entrypoints/estimate/prices.ts';
import { block, blocks, recorded, resources, root, type Plan } from './plan.ts';

const plan = recorded.only_the_from_address;
const deploy = readFileSync(join(root, 'docs/deploy.md'), 'utf8');

describe('what `rollcall estimate` says of an idle month is what the smallest plan makes', () => {
  test('alarms', () => {
    expect(standing.alarms).toBe(alarmsOf(plan));
  });

  test('queues that Lambda polls', () => {
    expect(standing.queues).toBe(resources(plan, 'aws_lambda_event_source_mapping').filter(({ name }) => name === 'queue').length);
  });

  test('series that are written while nothing happens', () => {
    expect(standing.metrics).toBe(restlessSeries(plan));
  });

  test('such a series is seen', () => {
    const restless = structuredClone(plan);
    block(restless['aws_cloudwatch_log_metric_filter.announce_failures']!, 'metric_transformation')['default_value'] = '0';
    block(restless['aws_sesv2_configuration_set.main']!, 'reputation_options')['reputation_metrics_enabled'] = true;
    expect(restlessSeries(restless)).toBe(3);
  });
});

describe('what docs/deploy.md says of an idle month', () => {
  const [, alarms, dollars, more, moreDollars] =
    /(\d+) alarms \((\d\.\d\d);[^]*?The HTTP API adds (\d+)\s+alarms \((\d\.\d\d)\)/.exec(deploy) ?? [];

  test('are the alarms of the plan, and those that the HTTP API adds', () => {
    expect([Number(alarms), Number(more)]).toEqual([alarmsOf(plan), alarmsOf(recorded.everything) - alarmsOf(plan)]);
    expect(Number(dollars)).toBeCloseTo(alarmsOf(plan) * prices.alarmMonths.dollars, 6);
    expect(Number(moreDollars)).toBeCloseTo(Number(more) * prices.alarmMonths.dollars, 6);
  });

  test('is the whole of the estimate', () => {
    expect(deploy).toContain(`About ${Math.round(estimate(1, 1).idle.dollars)} US dollars a month`);
  });
});

function alarmsOf(of: Plan): number {
  return resources(of, 'aws_cloudwatch_metric_alarm').length;
}

/** Filters with a value for lines that do not match, and rates of a configuration set (of bounces, of complaints). AWS's own series are free. */
function restlessSeries(of: Plan): number {
  const filtered = resources(of, 'aws_cloudwatch_log_metric_filter').flatMap(({ values }) => blocks(values, 'metric_transformation'));
  const sets = resources(of, 'aws_sesv2_configuration_set').filter(
    ({ values }) => block(values, 'reputation_options')['reputation_metrics_enabled'] === true,
  );
  return filtered.filter((each) => 'default_value' in each).length + 2 * sets.length;
}
