import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { everything as plan, resources, root } from './plan.ts';
import { resourceLines, roleLines, type Line } from './security-table.ts';

const security = readFileSync(join(root, 'docs/security.md'), 'utf8');
const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');

describe('docs/security.md', () => {
  test.each([
    ['Roles', roleLines(plan)],
    ['Policies of the resources themselves', resourceLines(plan)],
  ])('%s: lists every statement of the plan, and no other, each with its reason', (title, lines) => {
    const written = tableUnder(security, title);
    expect(written.map((line) => line.slice(0, -1).join(' | ')).sort()).toEqual(lines.map((line) => line.join(' | ')).sort());
    expect(written.filter((line) => line.at(-1) === '')).toEqual([]);
  });
});

describe('docs/runbook.md', () => {
  const alarms = resources(plan, 'aws_cloudwatch_metric_alarm').map(({ values }) => String(values['alarm_description']));
  const pages = new Set(alarms.map((description) => /Runbook: ([a-z -]+)\.$/.exec(description)?.[1] ?? description));

  test.each([...pages, 'budget'])('%s: has a page that says what it means, how to look and how to mend', (page) => {
    const text = pageOf(page);
    for (const part of ['**What it means.**', '**Look.**', '**Mend.**', '**Then.**']) expect(text).toContain(part);
  });

  test('its commands name queues, functions and queries that there are', () => {
    const names = JSON.stringify(plan);
    const named = [...runbook.matchAll(/rollcall-\$STAGE-([a-z-]*[a-z])/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(5);
    expect(
      named.filter((name) => !names.includes(`rollcall-dev-${name}"`) && !names.includes(`rollcall-dev-${name}-123456789012`)),
    ).toEqual([]);
    const queries = [...runbook.matchAll(/query “([^”]+)”/g)].map(([, name]) => name!);
    expect(queries.filter((name) => plan[`aws_cloudwatch_query_definition.main["${name}"]`] === undefined)).toEqual([]);
  });

  test('an alarm without a page is seen', () => {
    expect(pageOf('no such page')).toBe('');
  });
});

test.each(['deploy.md', 'security.md', 'runbook.md'])('links of docs/%s lead somewhere', (name) => {
  const text = readFileSync(join(root, 'docs', name), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to]) => to!);
  expect(links.filter((to) => !existsSync(join(root, 'docs', to)))).toEqual([]);
});

describe('what the documents have people type is there', () => {
  const text = ['deploy.md', 'runbook.md', 'security.md'].map((name) => readFileSync(join(root, 'docs', name), 'utf8')).join('\n');
  const known = readFileSync(join(root, 'infra/outputs.tf'), 'utf8');

  test('outputs', () => {
    const named = [...text.matchAll(/terraform (?:-chdir=infra )?output (?:-\w+ )?([a-z_]+)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !known.includes(`output "${name}" {`))).toEqual([]);
  });

  test('scripts of npm', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly scripts: object };
    const named = [...text.matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('variables of a stage', () => {
    const variables = readFileSync(join(root, 'infra/variables.tf'), 'utf8');
    const named = [...text.matchAll(/(?:^ *|`)([a-z_]+) += /gm)]
      .map(([, name]) => name!)
      .filter((name) => name.includes('_') && name !== 'use_lockfile');
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !variables.includes(`variable "${name}" {`))).toEqual([]);
  });
});

/** The cells of the first table below a heading, without the back-quotes around names. */
function tableUnder(text: string, title: string): readonly Line[] {
  const section = text.split(new RegExp(`^#+ ${title}$`, 'm'))[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  const cells = rows.map((row) =>
    row
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
  );
  const end = cells.findIndex((row, index) => index > 1 && row[0] !== undefined && /^-+$/.test(row[0]));
  return cells.slice(2, end < 0 ? undefined : end - 1);
}

function pageOf(page: string): string {
  const [, text = ''] = runbook.split(new RegExp(`^## ${page}$`, 'im'));
  return text.split(/^## /m)[0]!;
}
