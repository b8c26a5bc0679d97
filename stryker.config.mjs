/** Mutation tests of the domain: each of its rules is broken in turn, and the domain's own tests must notice. */
export default {
  mutate: ['src/domain/**/*.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  // What a test above the domain would notice too, one of the domain's own has to say.
  jest: { config: { testMatch: ['<rootDir>/test/domain/**/*.test.ts'] } },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // A mutant that takes longer counts as noticed: on a busy machine a test must not be taken for a stuck one.
  timeoutMS: 15_000,
  ignorePatterns: ['/dist', '/infra'],
  reporters: ['progress', 'clear-text', 'json'],
  clearTextReporter: { reportTests: false },
  jsonReporter: { fileName: 'reports/mutation.json' },
  thresholds: { high: 95, low: 90, break: 90 },
};
