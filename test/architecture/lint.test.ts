import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join, relative } from 'node:path';
import { runTool, Tree } from './tree.ts';

/** For every rule that a law leans on, a file that breaks it, and nothing else. */
const canaries = [
  {
    rule: '@typescript-eslint/no-floating-promises',
    path: 'src/entrypoints/floating.ts',
    content: 'const save = async () => 1;\nsave();\n',
  },
  {
    rule: '@typescript-eslint/no-misused-promises',
    path: 'src/entrypoints/misused.ts',
    content: '[1].forEach(async () => Promise.resolve());\n',
  },
  {
    rule: '@typescript-eslint/switch-exhaustiveness-check',
    path: 'src/entrypoints/switch.ts',
    content: "export function f(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
  },
  { rule: '@typescript-eslint/no-explicit-any', path: 'src/entrypoints/any.ts', content: 'export type X = any;\n' },
  { rule: '@typescript-eslint/no-unused-vars', path: 'src/entrypoints/unused.ts', content: 'const x = 1;\n' },
  {
    rule: '@typescript-eslint/consistent-type-imports',
    path: 'src/entrypoints/import.ts',
    content: "import { Stats } from 'node:fs';\nexport type X = Stats;\n",
  },
  { rule: 'no-restricted-syntax', path: 'src/entrypoints/swallow.ts', content: 'try {\n  JSON.parse("");\n} catch {\n  // nothing\n}\n' },
  { rule: 'no-restricted-properties', path: 'src/entrypoints/environment.ts', content: "export const x = process.env['X'];\n" },
  { rule: 'no-restricted-properties', path: 'src/entrypoints/environment-taken.ts', content: 'export const { env } = process;\n' },
  { rule: 'no-restricted-properties', path: 'src/adapters/one/environment.ts', content: "export const x = globalThis.process.env['X'];\n" },
  {
    rule: 'no-restricted-imports',
    path: 'src/adapters/one/environment-import.ts',
    content: "import { env } from 'node:process';\nexport const x = env['X'];\n",
  },
  { rule: 'no-restricted-properties', path: 'src/domain/now.ts', content: 'export const x = Date.now();\n' },
  { rule: 'no-restricted-syntax', path: 'src/domain/new-date.ts', content: 'export const x = new Date();\n' },
  { rule: 'no-restricted-properties', path: 'src/domain/random.ts', content: 'export const x = Math.random();\n' },
] as const;

/** Files that keep every rule. */
const sound = {
  'src/entrypoints/config.ts': "export const x = process.env['X'];\n",
  'src/adapters/system/clock.ts': 'export const now = () => Date.now();\n',
  'src/domain/date.ts': 'export const iso = (at: number) => new Date(at).toISOString();\n',
};

describe('a canary a lint rule', () => {
  let tree: Tree;
  let reported: readonly string[];

  beforeAll(() => {
    tree = new Tree({ ...sound, ...Object.fromEntries(canaries.map(({ path, content }) => [path, content])) });
    const said = runTool(tree.path, 'eslint/bin/eslint.js', 'src', '--format', 'json');
    const files = JSON.parse(said.out) as { filePath: string; messages: { ruleId: string; severity: number }[] }[];
    reported = files.flatMap(({ filePath, messages }) =>
      messages.filter(({ severity }) => severity === 2).map(({ ruleId }) => `${ruleId}: ${relative(tree.path, filePath)}`),
    );
  });
  afterAll(() => {
    tree.remove();
  });

  test.each(canaries)('$rule reports $path', ({ rule, path }) => {
    expect(reported.filter((line) => line.endsWith(`: ${path}`))).toEqual([`${rule}: ${path}`]);
  });

  test('nothing else is reported', () => {
    const paths: readonly string[] = canaries.map(({ path }) => path);
    expect(reported.filter((line) => !paths.includes(line.split(': ')[1] ?? ''))).toEqual([]);
  });
});

describe('the compiler keeps the platform out of the domain', () => {
  const refused = {
    'process.ts': 'export const x = process.pid;\n',
    'console.ts': "console.log('x');\nexport {};\n",
    'timer.ts': 'setTimeout(() => 1, 1);\nexport {};\n',
    'builtin.ts': "import { join } from 'node:path';\nexport const x = join('a');\n",
    'buffer.ts': 'export const x = Buffer.alloc(1);\n',
    'fetch.ts': "export const x = fetch('https://example.com');\n",
    'document.ts': 'export const x = document.title;\n',
    'crypto.ts': 'export const x = crypto.randomUUID();\n',
  };
  let tree: Tree;
  let lines: readonly string[];

  beforeAll(() => {
    const files = Object.entries(refused).map(([name, content]) => [`src/domain/${name}`, content] as const);
    tree = new Tree({
      ...Object.fromEntries(files),
      'src/domain/sound.ts': 'export const x = [1].map((n) => n + 1);\n',
      'src/ports/word.ts': 'export type Word = string;\n',
    });
    lines = runTool(tree.path, 'typescript/bin/tsc', '-p', 'src/domain', '--pretty', 'false')
      .out.split('\n')
      .filter((line) => line.includes('error TS'));
  });
  afterAll(() => {
    tree.remove();
  });

  test.each(Object.keys(refused))('%s does not compile there', (name) => {
    expect(lines.filter((line) => line.startsWith(`${join('src/domain', name)}(`)).length).toBeGreaterThan(0);
  });

  test('what needs no platform does', () => {
    expect(lines.filter((line) => !Object.keys(refused).some((name) => line.startsWith(`src/domain/${name}(`)))).toEqual([]);
  });
});
