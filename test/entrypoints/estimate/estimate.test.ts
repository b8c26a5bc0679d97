import { describe, expect, test } from '@jest/globals';
import { articlesRequests, articlesUsage } from '../../../src/entrypoints/estimate/articles.ts';
import { billOf, carrying, dollarsOf, hoursToWelcome, sumOf } from '../../../src/entrypoints/estimate/bill.ts';
import { flowUsage, standingUsage, type CountedRun, type Deployment } from '../../../src/entrypoints/estimate/flow.ts';
import { priceList, prices, type Billed } from '../../../src/entrypoints/estimate/prices.ts';
import { shareOf } from '../../../src/entrypoints/estimate/processor.ts';

const million = 1_000_000;

describe('the price list', () => {
  test('says where and when it holds', () => {
    expect(priceList).toEqual({ region: 'us-east-1', asOf: expect.stringMatching(/^\d{4}-\d\d$/) });
  });

  test.each(Object.entries(prices))('gives %s a source of the provider', (_, { dollars, per, source }) => {
    expect(dollars / per).toBeGreaterThan(0);
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/.*pricing\//);
  });

  test.each<[Billed, number, number]>([
    ['sqsRequests', million, 0.4],
    ['lambdaInvocations', million, 0.2],
    ['lambdaGbSeconds', million, 13.3334],
    ['writeUnits', million, 0.625],
    ['readUnits', million, 0.125],
    ['tableGbMonths', 1, 0.25],
    ['s3Writes', million, 5],
    ['s3Reads', million, 0.4],
    ['s3GbMonths', 1, 0.023],
    ['mails', million, 100],
    ['kmsRequests', million, 3],
    ['kmsKeyMonths', 1, 1],
    ['logGb', 1, 0.5],
    ['metricMonths', 1, 0.3],
    ['alarmMonths', 1, 0.1],
    ['traces', million, 5],
  ])('%s: %d cost $%d', (billed, units, dollars) => {
    expect(dollarsOf({ [billed]: units })).toBeCloseTo(dollars, 10);
  });
});

describe('a bill', () => {
  test('has the dearest line first, and none for what was not used', () => {
    expect(billOf({ sqsRequests: 500_000, mails: 10_000, s3Reads: 0 })).toEqual([
      { billed: 'mails', unit: 'SES mails', units: 10_000, dollars: expect.closeTo(1, 10) },
      { billed: 'sqsRequests', unit: 'SQS requests of 64 KiB', units: 500_000, dollars: expect.closeTo(0.2, 10) },
    ]);
  });

  test('adds up, as a whole and in part', () => {
    const usage = { sqsRequests: million, lambdaInvocations: million, mails: 1_000 };
    expect(dollarsOf(usage)).toBeCloseTo(0.7, 10);
    expect(dollarsOf(usage, carrying)).toBeCloseTo(0.6, 10);
  });

  test('of several usages is that of their sum', () => {
    expect(sumOf({ mails: 1, logGb: 0.5 }, { mails: 2 }, {})).toMatchObject({ mails: 3, logGb: 0.5, sqsRequests: 0 });
  });
});

describe("the articles' design", () => {
  test.each([
    [0, 0],
    [1, 1],
    [10, 1],
    [11, 2],
    [100_000, 10_000],
  ])('asks for %d users in %d tens', (users, tens) => {
    expect(articlesRequests(users)).toEqual({
      sends: tens,
      receives: tens,
      deletes: tens,
      invocations: { processCsv: 1, insertRecords: tens, sendEmail: tens },
      puts: users,
      mails: users,
    });
  });

  test('comes to $0.44 for queues and functions, a million users', () => {
    const usage = articlesUsage(million);
    expect(usage).toMatchObject({ sqsRequests: 300_000, lambdaInvocations: 200_001, writeUnits: million, mails: million });
    expect(dollarsOf(usage, ['sqsRequests'])).toBeCloseTo(0.12, 3);
    expect(dollarsOf(usage, ['lambdaInvocations'])).toBeCloseTo(0.04, 3);
    expect(usage.lambdaGbSeconds).toBeCloseTo(20_750, 0);
    expect(dollarsOf(usage, carrying)).toBeCloseTo(0.437, 3);
  });
});

describe('the flow', () => {
  const run: CountedRun = {
    users: 100_000,
    sqsRequests: { uploads: 10, records: 390, welcomes: 6_000 },
    invocations: { 'process-csv': 1, 'insert-records': 50, announce: 100, 'send-email': 200, sweep: 9 },
    seconds: { 'process-csv': 8, 'insert-records': 40, announce: 10, 'send-email': 400, sweep: 2 },
    worked: { 'process-csv': 4, 'insert-records': 5, announce: 2, 'send-email': 80, sweep: 1 },
    secondsBesideTurns: 30,
    writeUnits: { insert: 100_000, claim: 100_000, confirm: 100_000, accounting: 1_000 },
    readUnits: 500,
    s3Writes: 1,
    s3Reads: 2,
    mails: 100_000,
    kmsRequests: 20,
    logBytes: 2_000_000,
  };
  const memoryGb = { 'process-csv': 1, 'insert-records': 0.5, announce: 0.25, 'send-email': 0.125, sweep: 0.25 };
  const deployment: Deployment = { memoryGb };

  test('uses what was counted, in proportion', () => {
    expect(flowUsage(run, deployment, million, 200)).toEqual({
      sqsRequests: 64_000,
      lambdaInvocations: 3_600,
      lambdaGbSeconds: 10 * (8 + 20 + 2.5 + 0.5) + 5_300 * 0.125,
      writeUnits: 3_010_000,
      readUnits: 5_000,
      s3Writes: 10,
      s3Reads: 20,
      mails: million,
      kmsRequests: 200,
      logGb: 0.02,
    });
  });

  test('lasts as long as its work takes with its share of a processor, where that is longer', () => {
    const whole = 1_769 / 1_024;
    const usage = flowUsage(run, deployment, million, 200, 'share');
    expect(usage.lambdaGbSeconds).toBeCloseTo(10 * (8 + 20 + 2 * whole + 80 * whole + 1 * whole), 6);
    expect(shareOf(10)).toBe(1);
  });

  test('rounds requests up', () => {
    expect(flowUsage(run, deployment, 1, 200)).toMatchObject({ sqsRequests: 1, s3Writes: 1, writeUnits: 4, mails: 1 });
  });

  test.each([
    [50, 20_300],
    [200, 5_300],
    [1_000, 4_000],
    [Infinity, 4_000],
  ])('at %d mails a second send-email is billed for %d seconds', (sendRate, seconds) => {
    const others = 310;
    expect(flowUsage(run, deployment, million, sendRate).lambdaGbSeconds).toBeCloseTo(others + seconds * 0.125, 6);
  });
});

describe('an idle stack', () => {
  test('polls its queues, and keeps a key, metrics and alarms', () => {
    const usage = standingUsage({ queues: 3, metrics: 10, alarms: 20 }, 30);
    expect(usage).toEqual({ sqsRequests: 1_944_000, kmsKeyMonths: 1, metricMonths: 10, alarmMonths: 20 });
    expect(dollarsOf(usage)).toBeCloseTo(0.7776 + 1 + 3 + 2, 6);
  });

  test('costs by the day', () => {
    expect(dollarsOf(standingUsage({ queues: 0, metrics: 0, alarms: 0 }, 3))).toBeCloseTo(0.1, 6);
  });
});

describe('a million welcomes', () => {
  test.each([
    [14, Infinity, 19.84],
    [200, Infinity, 1.39],
    [14, 50_000, 19 * 24 + 0.99],
    [200, million, 1.39],
    // The rate holds the quota back.
    [1, 100_000, 277.78],
  ])('at %d a second and %d a day take %d hours', (sendRate, dailyQuota, hours) => {
    expect(hoursToWelcome(million, sendRate, dailyQuota)).toBeCloseTo(hours, 2);
  });
});
