import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { deployment, standing } from '../../../src/entrypoints/estimate/counted.ts';
import { estimate } from '../../../src/entrypoints/estimate/estimate.ts';
import { estimateLines } from '../../../src/entrypoints/estimate/lines.ts';
import { priceList } from '../../../src/entrypoints/estimate/prices.ts';
import { unpadded, withFigures } from './cost-page.ts';

describe('docs/cost.md', () => {
  const page = readFileSync('docs/cost.md', 'utf8');

  test('has the figures of the code; `npm run cost-page` writes them', () => {
    expect(unpadded(page)).toBe(unpadded(withFigures(page)));
  });

  test('says where and when the prices hold', () => {
    expect(page).toContain(`${priceList.region}, ${priceList.asOf}`);
  });

  test('shows what the command prints for two rates, at least', () => {
    expect(page.match(/\n\$ rollcall estimate 1000000/g)?.length).toBeGreaterThanOrEqual(2);
  });
});

describe('the deployment that is priced', () => {
  const functions = readFileSync('infra/functions.tf', 'utf8');

  test.each(Object.entries(deployment.memoryGb))('%s has the memory that infra/ gives it', (stage, memoryGb) => {
    const [, memory] = new RegExp(`\\n    ${stage} = \\{.*?\\n      memory +=\\s*(\\d+)`, 's').exec(functions) ?? [];
    expect(memoryGb * 1024).toBe(Number(memory));
  });

  test('has queues that Lambda polls', () => {
    const [, queues = ''] = /\n\s*queues\s*=\s*\[(.*)\]/.exec(readFileSync('infra/names.tf', 'utf8')) ?? [];
    expect(standing.queues).toBe(queues.split(',').length);
  });
});

describe('an estimate', () => {
  const million = estimate(1_000_000, 200);

  test('says how long it takes, at the rate that SES allows', () => {
    expect(million.hours).toBeCloseTo(1.389, 3);
    expect(estimate(1_000_000, 14).hours).toBeCloseTo(19.84, 2);
  });

  test('prices each write unit with what it is for, and misses none', () => {
    expect(million.writes.map(({ promise }) => promise)).toEqual(['insert', 'claim', 'confirm', 'accounting']);
    const line = million.ours.lines.find(({ billed }) => billed === 'writeUnits');
    expect(million.writes.reduce((sum, { dollars }) => sum + dollars, 0)).toBeCloseTo(line?.dollars ?? 0, 4);
  });

  test('buys the life of a user with at most 4 write units', () => {
    const units = million.writes.reduce((sum, each) => sum + each.units, 0);
    expect(units / million.users).toBeLessThanOrEqual(4);
  });

  test("carries a million users for a twentieth of what the articles' design does, at 200 mails a second", () => {
    expect(estimate(1_000_000, 200).times).toBeGreaterThanOrEqual(20);
  });

  test('adds up, in its lines as well', () => {
    const { ours, articles, times } = million;
    expect(times).toBeCloseTo(articles.carrying / ours.carrying, 10);
    expect(ours.dollars).toBeCloseTo(
      ours.lines.reduce((sum, { dollars }) => sum + dollars, 0),
      10,
    );
    const printed = estimateLines(million);
    const costs = printed
      .slice(
        0,
        printed.findIndex((line) => line.startsWith('all ')),
      )
      .flatMap((line) => {
        const [, cost] = /^(?!carrying| {2}with their share|.{66} {12}).{54} +\$([\d,.]+)/.exec(line) ?? [];
        return cost === undefined ? [] : [Number(cost.replaceAll(',', ''))];
      });
    expect(costs.reduce((sum, cost) => sum + cost, 0)).toBeCloseTo(ours.dollars, 3);
  });

  test('counts for few rows, too', () => {
    expect(estimateLines(estimate(1, 0.5))[0]).toBe('1 user, all new, welcomed at 0.5 mails a second: 0.00 hours.');
  });
});
