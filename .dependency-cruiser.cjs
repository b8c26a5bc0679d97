/**
 * The direction of the arrows: ports ◀ domain ◀ entrypoints, ports ◀ adapters ◀ entrypoints.
 * Every rule has a canary in test/architecture/architecture.test.ts that proves that it can fail.
 */
const packages = [
  'core',
  'npm',
  'npm-dev',
  'npm-optional',
  'npm-peer',
  'npm-bundled',
  'npm-no-pkg',
  'npm-unknown',
  'unknown',
  'undetermined',
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'ports-import-only-ports',
      comment: 'Ports are the ground floor: they know nobody.',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { pathNot: '^src/ports/' },
    },
    {
      name: 'ports-share-only-shapes',
      comment: 'A port file takes words from the vocabulary, and from another port nothing but its shapes.',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { path: '^src/ports/', pathNot: '^src/ports/vocabulary[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'domain-imports-no-adapter-or-entrypoint',
      comment: 'The domain talks to ports only.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { path: '^src/', pathNot: '^src/(ports|domain)/' },
    },
    {
      name: 'domain-imports-no-package',
      comment: 'No Node module and no package in the domain: whatever it needs comes through a port.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { dependencyTypes: packages },
    },
    {
      name: 'adapters-import-no-other-adapter',
      comment: 'What two technologies need is a port of its own.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'adapters-import-no-domain',
      comment: 'Adapters store what the domain returns; they decide nothing.',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^src/domain/' },
    },
    {
      name: 'adapters-import-no-entrypoint',
      comment: 'Adapters do not know who composes them.',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^src/entrypoints/' },
    },
    {
      name: 'only-composition-imports-inversify',
      comment: 'One place knows how things are put together.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(entrypoints/composition|domain|ports)/' },
      to: { path: '(^|/)(inversify|@inversifyjs|reflect-metadata)(/|$)' },
    },
    {
      name: 'console-imports-what-browsers-have',
      comment: 'The pages run in a browser: no Node module, no port of a server. Of the API they know the shapes.',
      severity: 'error',
      from: { path: '^src/entrypoints/console/' },
      to: { pathNot: ['^src/(entrypoints/console|domain)/', '(^|/)node_modules/preact/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'src-imports-only-src',
      comment: 'What ships does not need tests, tools or benchmarks.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/ports/' },
      to: { dependencyTypes: ['local'], pathNot: '^src/' },
    },
    {
      name: 'src-imports-no-development-package',
      comment: 'What ships needs only what is installed with it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(domain|ports)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '(^|/)node_modules/@types/' },
    },
    {
      name: 'no-missing-module',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(domain|ports)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment: 'Of two files that need each other, neither can be read alone.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.d.ts'],
    },
  },
};
