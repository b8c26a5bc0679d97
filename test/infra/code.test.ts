import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { block, everything as plan, functions, infra, recorded, root, type Plan } from './plan.ts';
import { variablesByStage } from './variables.ts';

const sources = join(root, 'src/entrypoints');

describe('what Terraform says of a function is what the code says', () => {
  test('functions are the stages, generate-users, and http where there is an issuer', () => {
    const declared = /export type StageName = ([^;]+);/.exec(readFileSync(join(sources, 'stages/stage.ts'), 'utf8'))?.[1] ?? '';
    const stages = [...declared.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name!);
    expect([...functions(plan).keys()].sort()).toEqual([...stages, 'generate-users', 'http'].sort());
    expect([...functions(recorded.only_the_from_address).keys()].sort()).toEqual([...stages, 'generate-users'].sort());
  });

  test('there is an entrypoint for every function, and a function for every entrypoint', () => {
    const entrypoints = entrypointsOf(join(sources, 'lambda'));
    if (entrypoints) expect([...functions(plan).keys()].sort()).toEqual(entrypoints);
  });

  test.each([...functions(plan).keys()])('%s: name, handler and code are of one stage', (stage) => {
    const { values } = functions(plan).get(stage)!;
    expect(values['function_name']).toBe(`rollcall-dev-${stage}`);
    expect(values['handler']).toBe(`${stage}.handler`);
    expect(String(values['filename']).endsWith(`/${stage}.zip`)).toBe(true);
  });

  test.each(Object.keys(variablesByStage))('%s gets the variables that it reads, and no other', (stage) => {
    expect(given(plan, stage)).toEqual(read(stage));
  });

  test('the command gets every variable that any function gets', () => {
    const all = new Set(Object.keys(variablesByStage).flatMap((stage) => read(stage)));
    expect(Object.keys(recorded.environment).sort()).toEqual([...all].sort());
  });

  test('a variable too many or too few is seen', () => {
    const broken = structuredClone(plan);
    const variables = block(functions(broken).get('sweep')!.values, 'environment')['variables'] as Record<string, string>;
    delete variables['ROLLCALL_USERS_TABLE'];
    expect(given(broken, 'sweep')).not.toEqual(read('sweep'));
    variables['ROLLCALL_USERS_TABLE'] = 'users';
    variables['ROLLCALL_FROM'] = 'welcome@example.com';
    expect(given(broken, 'sweep')).not.toEqual(read('sweep'));
  });
});

test('every variable says what it is and of which type; text and numbers are checked', () => {
  const all = readFileSync(join(infra, 'variables.tf'), 'utf8')
    .split(/^variable /m)
    .slice(1);
  expect(all.length).toBeGreaterThan(15);
  const name = (text: string) => /^"(\w+)"/.exec(text)?.[1];
  expect(all.filter((text) => !/\n  description = ".+"\n  type +=/.test(text)).map(name)).toEqual([]);
  const unchecked = all.filter((text) => /\n  type +=\s*(string|number|list)/.test(text) && !text.includes('\n  validation {'));
  // Terraform itself says which file is missing.
  expect(unchecked.map(name)).toEqual(['code_path']);
  // All but one have a default.
  expect(all.filter((text) => !/\n  default +=/.test(text)).map(name)).toEqual(['from_address']);
});

test('the provider tags everything', () => {
  expect(readFileSync(join(infra, 'versions.tf'), 'utf8')).toMatch(/default_tags \{\s+tags = local\.tags\s+\}/);
  expect(readFileSync(join(infra, 'names.tf'), 'utf8')).toMatch(
    /tags = merge\(var\.tags, \{ project = .+, environment = .+, managed-by = /,
  );
});

/** But for what is there for the C library. */
function given(of: Plan, stage: string): readonly string[] {
  const { MALLOC_ARENA_MAX: _, ...variables } = block(functions(of).get(stage)!.values, 'environment')['variables'] as Record<
    string,
    string
  >;
  return Object.keys(variables).sort();
}

function read(stage: string): readonly string[] {
  return [...variablesByStage[stage]!, 'ROLLCALL_LOG'].sort();
}

/** The files that export a handler, by name; undefined where there is no such folder. */
function entrypointsOf(folder: string): readonly string[] | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((file) => /export (const|async function|function) handler\b/.test(readFileSync(join(folder, file), 'utf8')))
    .map((file) => file.replace('.ts', ''))
    .sort();
}
