import { describe, expect, test } from '@jest/globals';
import { ConfigInvalid, functionSettings, readAwsConfig, readConfig, readFunctionLog, variableOf } from '../../src/entrypoints/config.ts';

/** What Terraform gives, or something like it. */
const environment = {
  ROLLCALL_UPLOADS_BUCKET: 'rollcall-dev-uploads-000000000000',
  ROLLCALL_UPLOADS_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/000000000000/rollcall-dev-uploads',
  ROLLCALL_RECORDS_QUEUE_URL: 'http://127.0.0.1:4566/000000000000/rollcall-dev-records',
  ROLLCALL_UPLOADS_DEAD_LETTERS_URL: 'https://sqs.eu-central-1.amazonaws.com/000000000000/rollcall-dev-uploads-dead-letters',
  ROLLCALL_IMPORTS_TABLE: 'rollcall-dev-imports',
  ROLLCALL_LEG_SECONDS: '120',
};
const read = (changed: Readonly<Record<string, string | undefined>>) =>
  readAwsConfig(functionSettings['process-csv'], { ...environment, ...changed });

describe('the settings of a function', () => {
  test('are read by name, and none that it does not need', () => {
    expect(read({ ROLLCALL_FROM: 'nobody' })).toStrictEqual({
      uploadsBucket: 'rollcall-dev-uploads-000000000000',
      uploadsQueue: environment.ROLLCALL_UPLOADS_QUEUE_URL,
      recordsQueue: environment.ROLLCALL_RECORDS_QUEUE_URL,
      uploadsDeadLetters: environment.ROLLCALL_UPLOADS_DEAD_LETTERS_URL,
      importsTable: 'rollcall-dev-imports',
      legSeconds: 120,
    });
  });

  test.each(functionSettings['process-csv'].map(variableOf))('without %s it does not start, and says so', (variable) => {
    for (const absent of [undefined, '']) {
      expect(() => read({ [variable]: absent })).toThrow(`The environment variable ${variable} is not set; it must be `);
    }
  });

  test('all that is wrong is said at once', () => {
    expect(() => read({ ROLLCALL_IMPORTS_TABLE: 'imports table', ROLLCALL_LEG_SECONDS: '121' })).toThrow(
      new ConfigInvalid(
        'The environment variable ROLLCALL_IMPORTS_TABLE is "imports table"; it must be a name of letters, digits, dots, hyphens and underscores.\n' +
          'The environment variable ROLLCALL_LEG_SECONDS is "121"; it must be a number from 1 to 120.',
      ),
    );
  });

  test.each(['rollcall-dev-records', 'sqs.eu-central-1.amazonaws.com/0/records', 'https://sqs.eu-central-1.amazonaws.com'])(
    '%s is no URL of a queue',
    (url) => {
      expect(() => read({ ROLLCALL_RECORDS_QUEUE_URL: url })).toThrow(
        `The environment variable ROLLCALL_RECORDS_QUEUE_URL is "${url}"; it must be the URL of a queue, such as`,
      );
    },
  );

  test.each(['welcome@example.com', 'Example Team <welcome@example.com>'])('mail may come from %s', (from) => {
    expect(readAwsConfig(['from'], { ROLLCALL_FROM: from })).toStrictEqual({ from });
  });

  test.each(['welcome', 'Example <welcome>', 'a@example.com, b@example.com', 'Example <a@example.com> <b@example.com>'])(
    'mail cannot come from %s',
    (from) => {
      expect(() => readAwsConfig(['from'], { ROLLCALL_FROM: from })).toThrow(
        'it must be an address, such as welcome@example.com or Example <welcome@example.com>.',
      );
    },
  );
});

describe('the log of a function', () => {
  test('bears the name that Lambda gives it', () => {
    expect(readFunctionLog('sweep', { AWS_LAMBDA_FUNCTION_NAME: 'rollcall-prod-sweep', ROLLCALL_LOG: 'warn' })).toStrictEqual({
      service: 'rollcall-prod-sweep',
      level: 'warn',
    });
  });

  test('has a name and a level where nothing is said', () => {
    expect(readFunctionLog('sweep', {})).toStrictEqual({ service: 'rollcall-sweep', level: 'info' });
  });

  test('has no level but those that there are', () => {
    expect(() => readFunctionLog('sweep', { ROLLCALL_LOG: 'loud' })).toThrow(
      'The environment variable ROLLCALL_LOG is "loud"; it must be one of debug, info, warn, error, silent.',
    );
  });
});

test('a secret of the command is not quoted', () => {
  expect(() => readConfig({ ROLLCALL_PATIENCE: 'a while' })).toThrow(
    'The environment variable ROLLCALL_PATIENCE is "a while"; it must be a number from 0 on.',
  );
});
