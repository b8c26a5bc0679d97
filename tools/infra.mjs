#!/usr/bin/env node
/**
 * Checks the Terraform of `infra/` without an account: its form, its types, its own tests with a mocked provider, and whether the recorded
 * plans (infra/tests/plans.json, which the policy tests read) are what Terraform plans now. `record` writes those anew, `digest` prints the
 * digest of what they come from. `--installed` fetches no provider that is not there already (it is some hundred megabytes).
 *
 * The AWS provider comes from Terraform's registry, or from whatever the command in TERRAFORM_WRAPPER puts before `terraform`. Where there
 * is no Terraform or no provider, says so and lets it pass: the policy tests still run, on the recorded plans.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const infra = join(root, 'infra');
const recorded = join(infra, 'tests/plans.json');
const scratch = join(root, 'reports/infra');
const stages = ['process-csv', 'insert-records', 'announce', 'send-email', 'sweep', 'generate-users', 'http'];

const record = process.argv[2] === 'record';
const installedOnly = process.argv.includes('--installed');
const wrapper = (process.env['TERRAFORM_WRAPPER'] ?? '').split(' ').filter((part) => part !== '');
const environment = { ...process.env, TF_DATA_DIR: join(scratch, 'data'), CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };

if (process.argv[2] === 'digest') process.stdout.write(`${digest()}\n`);
else check();

function check() {
  if (spawnSync('terraform', ['version']).error) return skip('Terraform is not installed.');
  // Of form there is nothing to learn from a provider.
  need(terraform(['fmt', '-check', '-recursive', '-diff'], []), 'Run `terraform fmt -recursive infra`.');

  mkdirSync(scratch, { recursive: true });
  if (installedOnly && wrapper.length === 0 && !existsSync(join(scratch, 'data/providers'))) {
    return skip('The AWS provider is not there: `npm run infra` fetches it.');
  }
  const init = terraform(['init', '-backend=false', '-input=false', '-no-color']);
  if (init.status !== 0 && /Failed to query available provider packages|could not connect to/i.test(init.output)) {
    return skip('Terraform could not get the AWS provider: it needs its registry, or a TERRAFORM_WRAPPER that brings one.');
  }
  need(init, 'Terraform could not be initialised.');
  need(terraform(['validate', '-no-color']), 'The configuration is not valid.');

  const code = join('..', relative(root, placeholders()));
  const run = terraform(['test', '-json', '-verbose', `-var=code_path=${code}`]);
  const messages = run.stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  need({ ...run, output: messages.flatMap(sentence).join('\n') || run.output }, 'The tests of infra/tests fail.');
  for (const example of readdirSync(join(infra, 'environments'))) {
    const tried = terraform([
      'test',
      '-no-color',
      '-filter=tests/example.tftest.hcl',
      `-var=code_path=${code}`,
      `-var-file=environments/${example}`,
    ]);
    need(tried, `infra/environments/${example} cannot be planned.`);
  }
  compare({ sources: digest(), environment: environmentOf(messages), ...plansOf(messages) });
}

/** Writes the plans, or fails where the recorded ones are others. */
function compare(plans) {
  const text = `${JSON.stringify(plans, null, 1)}\n`;
  if (record) {
    writeFileSync(recorded, text);
    process.stdout.write(`Recorded: ${relative(root, recorded)}\n`);
  } else if (readFileSync(recorded, 'utf8') !== text) {
    fail('The recorded plans are not what Terraform plans now. Run `npm run infra -- record`, and look at what changed.');
  }
}

/** What the plans of the tests' first two runs would make, by address, without what only AWS or chance decides. */
function plansOf(messages) {
  const plans = {};
  for (const { type, '@testrun': name, test_plan: plan } of messages) {
    if (type !== 'test_plan' || !['only_the_from_address', 'everything'].includes(name)) continue;
    const schemas = Object.assign({}, ...Object.values(plan.provider_schemas).map((provider) => provider.resource_schemas));
    const made = plan.resource_changes.filter((change) => change.mode === 'managed');
    plans[name] = Object.fromEntries(
      made
        .map(({ address, type: kind, change }) => [address, decided(change.after, schemas[kind].block)])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  return plans;
}

/** The environment of the command, which is an output. */
function environmentOf(messages) {
  const smallest = messages.find((message) => message.type === 'test_plan' && message['@testrun'] === 'only_the_from_address');
  return smallest.test_plan.output_changes.rollcall_environment.after;
}

/** Without nulls, empty lists, and what a mock made up for a computed attribute. */
function decided(value, block) {
  const kept = Object.entries(value).flatMap(([name, part]) => {
    const attribute = block.attributes?.[name];
    if (part === null || (Array.isArray(part) && part.length === 0)) return [];
    if (attribute?.computed && (!attribute.optional || /^[a-z0-9]{8}$/.test(part)) && !String(part).startsWith('arn:')) return [];
    const nested = block.block_types?.[name]?.block;
    return [[name, nested && Array.isArray(part) ? part.map((item) => decided(item, nested)) : opened(part)]];
  });
  return Object.fromEntries(kept);
}

/** JSON in a string, such as a policy, is easier to compare as what it says. A filter of log lines begins with a brace, too. */
function opened(value) {
  return typeof value === 'string' && value.startsWith('{"') ? JSON.parse(value) : value;
}

/** Of everything that the plans come from. */
function digest() {
  const files = readdirSync(infra, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tf|hcl)$/.test(entry.name) && !entry.name.startsWith('.') && entry.name !== 'backend.tf')
    .map((entry) => relative(infra, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('.terraform/'))
    .sort();
  const hash = createHash('sha256');
  for (const path of files) hash.update(`${path}\n${readFileSync(join(infra, path), 'utf8').replaceAll('\r\n', '\n')}\n`);
  return hash.digest('hex');
}

/** Files in the place of the functions' code, so that a plan needs no bundle. */
function placeholders() {
  for (const stage of stages) {
    const path = join(scratch, 'code', `${stage}.zip`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'code');
  }
  return join(scratch, 'code');
}

function terraform(args, before = wrapper) {
  const [command, ...rest] = [...before, 'terraform', `-chdir=${infra}`, ...args];
  const {
    status,
    stdout = '',
    stderr = '',
    error,
  } = spawnSync(command, rest, { cwd: root, env: environment, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return { status: status ?? 1, stdout, output: `${stdout}${stderr}${error ? error.message : ''}` };
}

function sentence({ type, diagnostic }) {
  return type === 'diagnostic' && diagnostic?.severity === 'error' ? [`${diagnostic.summary}: ${diagnostic.detail}`] : [];
}

function need({ status, output }, otherwise) {
  if (status !== 0) fail(`${output.trim()}\n${otherwise}`);
}

function skip(why) {
  process.stdout.write(`skipped: ${why} infra/ was only tested by its recorded plans.\n`);
  if (record) process.exitCode = 1;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
