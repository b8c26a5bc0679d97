import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const environment = 'Only src/entrypoints/config.ts reads the environment: take what you need as a parameter.';
const environmentProperties = [
  { object: 'process', property: 'env', message: environment },
  { object: 'globalThis', property: 'process', message: environment },
];
const environmentImports = ['process', 'node:process'].map((name) => ({ name, importNames: ['env', 'default'], message: environment }));
const timeAndChance = [
  { object: 'Math', property: 'random', message: 'Take a Random.' },
  { object: 'Date', property: 'now', message: 'Take a Clock.' },
];
const clock = 'The domain has no clock: take a Clock, or an Instant.';
const emptyCatch = {
  selector: 'CatchClause > BlockStatement[body.length=0]',
  message: 'An error must not vanish: handle it, or let it through.',
};

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'reports/', '.stryker-tmp/', 'test/**/fixtures/']),
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      // A port's method is async so that it rejects and never throws, whether or not this adapter has to wait.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-empty': 'error',
      'no-restricted-syntax': ['error', emptyCatch],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/entrypoints/config.ts'],
    rules: {
      'no-restricted-properties': ['error', ...environmentProperties],
      'no-restricted-imports': ['error', { paths: environmentImports }],
    },
  },
  {
    files: ['src/{domain,adapters}/**/*.ts'],
    ignores: ['src/adapters/system/**'],
    rules: { 'no-restricted-properties': ['error', ...environmentProperties, ...timeAndChance] },
  },
  {
    files: ['src/domain/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        emptyCatch,
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
        { selector: "CallExpression[callee.name='Date']", message: clock },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that gets nothing where it expects something fails by itself.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Fakes hand out methods of literals, which use no `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.recommended],
    rules: { 'no-empty': 'error', eqeqeq: 'error', 'no-restricted-syntax': ['error', emptyCatch] },
  },
  {
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
