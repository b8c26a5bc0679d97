import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { root, runTool, Tree } from './tree.ts';

/** What dependency-cruiser found: the parts that are used here. */
interface Cruise {
  readonly modules: readonly { readonly source: string; readonly dependencies: readonly { readonly couldNotResolve: boolean }[] }[];
  readonly summary: { readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[] };
}

/** Files that keep every rule, and that the canaries lean on. */
const sound = {
  'src/ports/vocabulary.ts': 'export class Fact extends Error {}\nexport type Word = string;\n',
  'src/ports/opening.ts':
    "import { Fact, type Word } from './vocabulary.ts';\nexport interface Opening { say(): Word }\nexport class Closed extends Fact {}\n",
  'src/ports/neighbour.ts': "import type { Opening } from './opening.ts';\nexport interface Neighbour { opening: Opening }\n",
  'src/domain/room/rule.ts':
    "import { Closed, type Opening } from '../../ports/opening.ts';\nexport const rule = (opening: Opening) => opening ?? new Closed();\n",
  // One half of the cycle that the canary closes: a cycle is reported once.
  'src/domain/room/hen.ts': "import { egg } from './canary-egg.ts';\nexport const hen = () => egg;\n",
  'src/adapters/one/opening.ts':
    "import { join } from 'node:path';\nimport type { Opening } from '../../ports/opening.ts';\nexport class OneOpening implements Opening { say() { return join('a'); } }\n",
  'src/adapters/one/part.ts':
    "import { z } from 'zod';\nimport { OneOpening } from './opening.ts';\nexport const part = [z, OneOpening];\n",
  'src/adapters/two/opening.ts': 'export const two = 2;\n',
  'src/entrypoints/composition/local.ts':
    "import 'reflect-metadata';\nimport { Container } from 'inversify';\nimport { part } from '../../adapters/one/part.ts';\nexport const world = [Container, part];\n",
  'src/entrypoints/cli/main.ts':
    "import { rule } from '../../domain/room/rule.ts';\nimport { world } from '../composition/local.ts';\nconsole.log(rule, world);\n",
  'test/probe.ts': 'export const probe = 1;\n',
};

/** For every rule, files that break it, each in another way, and nothing else. */
const canaries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'ports-import-only-ports': {
    'src/ports/canary-domain.ts': "import type { rule } from '../domain/room/rule.ts';\nexport type Rule = typeof rule;\n",
    'src/ports/canary-adapter.ts': "import { two } from '../adapters/two/opening.ts';\nexport const x = two;\n",
    'src/ports/canary-builtin.ts': "import type { Readable } from 'node:stream';\nexport type X = Readable;\n",
    'src/ports/canary-package.ts': "import type { Logger } from 'pino';\nexport type X = Logger;\n",
  },
  'ports-share-only-shapes': {
    'src/ports/canary-class.ts': "import { Closed } from './opening.ts';\nexport class Locked extends Closed {}\n",
  },
  'domain-imports-no-adapter-or-entrypoint': {
    'src/domain/room/canary-adapter.ts': "import type { OneOpening } from '../../adapters/one/opening.ts';\nexport type X = OneOpening;\n",
    'src/domain/room/canary-entrypoint.ts': "import { world } from '../../entrypoints/composition/local.ts';\nexport const x = world;\n",
  },
  'domain-imports-no-package': {
    'src/domain/room/canary-builtin.ts': "import { join } from 'node:path';\nexport const x = join('a');\n",
    'src/domain/room/canary-bare-builtin.ts': "import { join } from 'path';\nexport const x = join('a');\n",
    'src/domain/room/canary-package.ts': "import { z } from 'zod';\nexport const x = z;\n",
    'src/domain/room/canary-package-type.ts': "import type { ZodType } from 'zod';\nexport type X = ZodType;\n",
    'src/domain/room/canary-absent-package.ts': "import x from 'no-such-package-here';\nexport const y = x;\n",
    'src/domain/room/canary-inversify.ts': "import { injectable } from 'inversify';\nexport const x = injectable;\n",
  },
  'adapters-import-no-other-adapter': {
    'src/adapters/one/canary-neighbour.ts': "import { two } from '../two/opening.ts';\nexport const x = two;\n",
    'src/adapters/one/canary-neighbour-type.ts': "import type { two } from '../two/opening.ts';\nexport type X = typeof two;\n",
  },
  'adapters-import-no-domain': {
    'src/adapters/one/canary-domain.ts': "import type { rule } from '../../domain/room/rule.ts';\nexport type X = typeof rule;\n",
  },
  'adapters-import-no-entrypoint': {
    'src/adapters/one/canary-entrypoint.ts': "export const x = () => import('../../entrypoints/composition/local.ts');\n",
  },
  'only-composition-imports-inversify': {
    'src/entrypoints/cli/canary-inversify.ts': "import { Container } from 'inversify';\nexport const x = Container;\n",
    'src/entrypoints/cli/canary-inversify-type.ts': "import type { Container } from 'inversify';\nexport type X = Container;\n",
    'src/adapters/one/canary-metadata.ts': "import 'reflect-metadata';\nexport const x = 1;\n",
  },
  'console-imports-what-browsers-have': {
    'src/entrypoints/console/canary-builtin.ts': "import { join } from 'node:path';\nexport const x = join('a');\n",
    'src/entrypoints/console/canary-package.tsx': "import { z } from 'zod';\nexport const x = z;\n",
    'src/entrypoints/console/canary-server.ts': "import { world } from '../composition/local.ts';\nexport const x = world;\n",
  },
  'src-imports-only-src': {
    'src/entrypoints/cli/canary-test.ts': "import { probe } from '../../../test/probe.ts';\nexport const x = probe;\n",
    'src/adapters/one/canary-test.ts': "import type { probe } from '../../../test/probe.ts';\nexport type X = typeof probe;\n",
    'src/domain/room/canary-test.ts': "import { probe } from '../../../test/probe.ts';\nexport const x = probe;\n",
  },
  'src-imports-no-development-package': {
    'src/entrypoints/cli/canary-development.ts': "import fc from 'fast-check';\nexport const x = fc;\n",
  },
  'no-missing-module': {
    'src/entrypoints/cli/canary-missing.ts': "import { x } from './nowhere.ts';\nexport const y = x;\n",
  },
  'no-cycles': {
    'src/domain/room/canary-egg.ts': "import type { hen } from './hen.ts';\nexport const egg: typeof hen | 1 = 1;\n",
  },
};

describe('the arrows of this source tree', () => {
  const cruise = cruiseIn(root);

  test('point one way', () => {
    expect(cruise.summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`)).toEqual([]);
  });

  test('are those of every source file: not one was overlooked', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
    const seen = cruise.modules.map(({ source }) => source).filter((source) => source.startsWith('src/'));
    expect(files.length).toBeGreaterThan(20);
    expect(seen.sort()).toEqual(files.sort());
    expect(cruise.modules.flatMap(({ dependencies }) => dependencies).length).toBeGreaterThan(files.length);
  });
});

describe('a canary a rule', () => {
  let tree: Tree;
  let reported: readonly string[];

  beforeAll(() => {
    tree = new Tree(Object.assign({}, sound, ...Object.values(canaries)) as Record<string, string>);
    reported = cruiseIn(tree.path).summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`);
  });
  afterAll(() => {
    tree.remove();
  });

  test('every rule has one', () => {
    const config = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as { forbidden: { name: string }[] };
    expect(Object.keys(canaries).sort()).toEqual(config.forbidden.map(({ name }) => name).sort());
  });

  test.each(Object.keys(canaries))('%s reports its canaries', (rule) => {
    const expected = Object.keys(canaries[rule]!).map((path) => `${rule}: ${path}`);
    expect(reported.filter((line) => line.startsWith(`${rule}: `)).sort()).toEqual(expected.sort());
  });

  test('nothing else is reported: a canary breaks one rule only', () => {
    const expected = Object.entries(canaries).flatMap(([rule, files]) => Object.keys(files).map((path) => `${rule}: ${path}`));
    expect(reported.filter((line) => !expected.includes(line))).toEqual([]);
  });
});

function cruiseIn(directory: string): Cruise {
  const said = runTool(
    directory,
    'dependency-cruiser/bin/dependency-cruise.mjs',
    'src',
    '--config',
    '.dependency-cruiser.cjs',
    '-T',
    'json',
  );
  if (said.out === '') throw new Error(`dependency-cruiser said nothing but: ${said.err}`);
  return JSON.parse(said.out) as Cruise;
}
