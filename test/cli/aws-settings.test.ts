import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Scratch } from './command.ts';

// Every test starts a process, beside others that do.
jest.setTimeout(60_000);

const here = new Scratch();
afterAll(() => here.remove());

const variables = {
  ROLLCALL_UPLOADS_BUCKET: 'uploads',
  ROLLCALL_UPLOADS_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/uploads',
  ROLLCALL_RECORDS_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/records',
  ROLLCALL_WELCOMES_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/welcomes',
  ROLLCALL_UPLOADS_DEAD_LETTERS_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/uploads-dead-letters',
  ROLLCALL_RECORDS_DEAD_LETTERS_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/records-dead-letters',
  ROLLCALL_WELCOMES_DEAD_LETTERS_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/welcomes-dead-letters',
  ROLLCALL_USERS_TABLE: 'users',
  ROLLCALL_IMPORTS_TABLE: 'imports',
};

const hint =
  'Get all of them by  terraform -chdir=infra output -json > stack.json  and name that file with --stack stack.json (docs/deploy.md).\n';

describe('where the stack is', () => {
  here.write('people.csv', 'name,email\nAda,ada@example.com\n');
  here.write('empty.json', '{}');
  here.write('notes.json', 'not JSON');
  here.write('other.json', JSON.stringify({ dashboard: { value: 'https://example.com' } }));
  here.write('part.json', JSON.stringify({ rollcall_environment: { value: variables } }));

  test.concurrent('what the environment does not say is named, with where to get it', async () => {
    const { code, stdout, stderr } = await here.run(['status', '--world', 'aws'], { env: variables });
    expect(stderr).toBe(`rollcall: The environment variable ROLLCALL_WELCOMES_TABLE is not set; it must be a name.\n${hint}`);
    expect([code, stdout]).toEqual([2, '']);
  });

  test.concurrent('where hardly anything is said, every variable that is missing is named', async () => {
    const { ROLLCALL_UPLOADS_BUCKET, ...missing } = variables;
    const { stderr } = await here.run(['import', 'people.csv', '--world', 'aws'], { env: { ROLLCALL_UPLOADS_BUCKET } });
    for (const name of [...Object.keys(missing), 'ROLLCALL_WELCOMES_TABLE']) expect(stderr).toContain(`variable ${name} is not set`);
    expect(stderr).toContain(hint);
  });

  test.concurrent('where nothing is said, and nobody is there to ask, that is told in a sentence', async () => {
    const { code, stderr } = await here.run(['import', 'people.csv', '--world', 'aws']);
    expect(stderr).toBe(
      'rollcall: Nothing says where the stack on AWS is: the environment has no ROLLCALL_USERS_TABLE and the like, and there is no infra/ here in which Terraform could be asked.\n' +
        hint,
    );
    expect(code).toBe(2);
  });

  test.concurrent.each([
    ['absent.json', 'The file of --stack cannot be read: absent.json.'],
    ['notes.json', 'notes.json is no JSON.'],
    ['other.json', 'other.json has no rollcall_environment, so it does not say where a stack is.'],
    ['part.json', 'part.json: ROLLCALL_WELCOMES_TABLE is not set; it must be a name.'],
  ])('--stack %s is told what is wrong with it', async (file, message) => {
    const { code, stderr } = await here.run(['users', '--world', 'aws', '--stack', file]);
    expect(stderr).toBe(`rollcall: ${message}\n${hint}`);
    expect(code).toBe(2);
  });

  test.concurrent('what Terraform says where nothing is deployed is told as such, with how to choose a stage', async () => {
    const { code, stderr } = await here.run(['work', '--world', 'aws', '--stack', 'empty.json']);
    expect(stderr).toBe(
      'rollcall: empty.json is empty, so nothing is deployed in the workspace that it is of.\n' +
        'Choose a stage by  terraform -chdir=infra workspace select STAGE , or deploy one (docs/deploy.md).\n',
    );
    expect(code).toBe(2);
  });

  test.concurrent('what a worker alone has to know is named, too', async () => {
    const { stderr } = await here.run(['work', '--world', 'aws', '--stack', 'part.json']);
    expect(stderr).toContain('part.json: ROLLCALL_FROM is not set; it must be an address');
  });

  test.concurrent('the file is not mixed with the environment', async () => {
    const env = { ...variables, ROLLCALL_WELCOMES_TABLE: 'of-another-stack' };
    const { stderr } = await here.run(['users', '--world', 'aws', '--stack', 'part.json'], { env });
    expect(stderr).toContain('part.json: ROLLCALL_WELCOMES_TABLE is not set');
  });

  test.concurrent.each([
    [['status', '--world', 'aws', '--db', 'people.db'], '--db names a database on this machine, and --world aws has none.'],
    [['status', '--stack', 'part.json'], '--stack says where everything is on AWS, and this is about the world on this machine.'],
    [['import', 'people.csv', '--stack', 'part.json'], '--stack says where everything is on AWS'],
    [['work', '--stack', 'part.json'], '--stack says where everything is on AWS'],
    [['dead-letters', 'redrive', '--stack', 'part.json'], '--stack says where everything is on AWS'],
    [['import', 'people.csv', '--world', 'aws', '--mail', 'maildir:mail'], '--mail maildir:mail is not for --world aws'],
    [['import', 'people.csv', '--world', 'aws', '--from', 'a@example.com'], '--from is not for --world aws'],
    [['work', '--world', 'aws', '--template', 'mine'], '--template is not for --world aws'],
    [['status', '--world', 'mars'], "argument 'mars' is invalid. Allowed choices are local, aws."],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await here.run(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe('where the environment says nothing, Terraform is asked', () => {
  const infra = new Scratch();
  afterAll(() => infra.remove());
  infra.write('infra/outputs.tf', '');
  infra.write('says.json', JSON.stringify({ rollcall_environment: { value: variables }, region: { value: 'eu-central-1' } }));
  infra.write('bin/terraform', '#!/bin/sh\n[ "$*" = "-chdir=infra output -json" ] && [ -f says.json ] && cat says.json\n');
  chmodSync(infra.at('bin/terraform'), 0o755);
  const PATH = `${infra.at('bin')}:${process.env['PATH'] ?? ''}`;

  test.concurrent('in the directory of the project', async () => {
    const { stderr } = await infra.run(['status', '--world', 'aws'], { env: { PATH } });
    expect(stderr).toBe(`rollcall: the output of Terraform: ROLLCALL_WELCOMES_TABLE is not set; it must be a name.\n${hint}`);
  });

  test.concurrent('but not where the environment says anything of a stack', async () => {
    const { stderr } = await infra.run(['status', '--world', 'aws'], { env: { PATH, ROLLCALL_USERS_TABLE: 'users' } });
    expect(stderr).toContain('The environment variable ROLLCALL_IMPORTS_TABLE is not set');
    expect(stderr).not.toContain('ROLLCALL_USERS_TABLE');
  });

  test.concurrent('and where it cannot be asked, that is told', async () => {
    const { code, stderr } = await infra.run(['status', '--world', 'aws'], { env: { PATH: '/nowhere' } });
    expect(stderr).toBe(
      'rollcall: Nothing says where the stack on AWS is: the environment has no ROLLCALL_USERS_TABLE and the like, and Terraform cannot be asked (there is no terraform on this machine).\n' +
        hint,
    );
    expect(code).toBe(2);
  });
});

describe('the world on this machine', () => {
  test('loads no SDK of AWS, which the one on AWS does', async () => {
    here.write('local/people.csv', 'name,email\nAda,ada@example.com\n');
    const importing = await scriptsOf(['import', 'local/people.csv', '--mail', 'maildir:local/mail', '--db', 'local/a.db']);
    const looking = await scriptsOf(['status', '--db', 'local/a.db']);
    const there = await scriptsOf(['status', '--world', 'aws', '--stack', 'part.json']);
    expect([importing.some(isOfSdk), looking.some(isOfSdk), there.some(isOfSdk)]).toEqual([false, false, true]);
  });

  async function scriptsOf(args: readonly string[]): Promise<readonly string[]> {
    const folder = `coverage-${args[0]}-${args.length}`;
    await here.run(args, { env: { NODE_V8_COVERAGE: here.at(folder) } });
    const scripts = readdirSync(here.at(folder)).flatMap((file) => scriptsIn(here.read(`${folder}/${file}`)));
    expect(scripts.length).toBeGreaterThan(5);
    return scripts;
  }

  function isOfSdk(script: string): boolean {
    return readFileSync(script, 'utf8').includes('// node_modules/@aws-sdk/');
  }

  /** The files of the command that a process loaded (Node's coverage, "NODE_V8_COVERAGE"). */
  function scriptsIn(report: string): readonly string[] {
    const { result } = JSON.parse(report) as { readonly result: readonly { readonly url: string }[] };
    return result.flatMap(({ url }) => (url.startsWith('file:') && url.includes('/dist/entrypoints/cli/') ? [fileURLToPath(url)] : []));
  }
});
