// The AWS SDK warns at every start that its releases of 2027 will want a newer Node.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** Tests run on the TypeScript sources, as ES modules; types are checked apart, by `npm run types`. */
export default {
  testEnvironment: 'node',
  maxWorkers: '100%',
  // What takes a moment here takes seconds on a machine that is busy with other things, too.
  testTimeout: 30_000,
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.stryker-tmp/'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
};
