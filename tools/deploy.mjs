#!/usr/bin/env node
/**
 * npm run deploy -- [STAGE] [--from ADDRESS] [--yes] [-- TERRAFORM ARGUMENTS]
 * npm run destroy -- [STAGE] [--yes]
 *
 * Bundles the functions and applies the Terraform of `infra/` with infra/environments/STAGE.tfvars (dev, if none is named), in a workspace of
 * the stage's name. Terraform shows its plan and asks before it changes anything, unless `--yes`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SQSClient } from '@aws-sdk/client-sqs';

const root = join(import.meta.dirname, '..');
const infra = join(root, 'infra');
const { stage, from, yes, destroy, rest } = given();
const file = join(infra, 'environments', `${stage}.tfvars`);

await check();
if (!destroy) run('npm', ['run', 'bundle'], 'The functions could not be bundled: see above.');
terraform(['init', '-input=false'], 'Terraform could not be initialised: it needs its registry, and the state’s backend if there is one.');
terraform(['workspace', 'select', '-or-create', stage], `The workspace ${stage} could not be selected.`);
if (destroy) refuseWhereProtected();
const variables = [`-var-file=environments/${stage}.tfvars`, ...(sender() === undefined ? [] : [`-var=from_address=${sender()}`])];
terraform(
  [destroy ? 'destroy' : 'apply', '-input=false', ...variables, ...(yes ? ['-auto-approve'] : []), ...rest],
  destroy
    ? 'Not everything is destroyed: mend what is said above, and run it again.'
    : 'Not everything is deployed: mend what is said above, and run it again.',
);
// No file of examples/ is named: nobody reads what is mailed to its addresses, and mail that bounces costs a sender its reputation.
if (!destroy) process.stdout.write(`\n${stage} is deployed. Import a file: npm start -- import FILE --world aws\n`);

function given() {
  const options = { from: { type: 'string' }, yes: { type: 'boolean' }, destroy: { type: 'boolean' } };
  const all = process.argv.slice(2);
  const end = all.indexOf('--') < 0 ? all.length : all.indexOf('--');
  try {
    const { values, positionals } = parseArgs({ args: all.slice(0, end), options, allowPositionals: true });
    if (positionals.length > 1) fail(`One stage at a time: ${positionals.join(', ')}.`);
    return { stage: 'dev', ...values, ...(positionals[0] && { stage: positionals[0] }), rest: all.slice(end + 1) };
  } catch (error) {
    return fail(`${error.message}\nUsage: npm run deploy -- [STAGE] [--from ADDRESS] [--yes]`);
  }
}

/** Everything that can be known to be missing before anything is done. */
async function check() {
  if (!existsSync(file)) {
    const known = readdirSync(join(infra, 'environments')).map((name) => name.replace('.tfvars', ''));
    fail(
      `There is no infra/environments/${stage}.tfvars. There are ${known.join(', ')}: take one of them, or copy one and set its environment.`,
    );
  }
  if (!destroy && from === undefined && !process.env['TF_VAR_from_address'] && !sets('from_address')) {
    fail(`Whom do the welcomes come from? Give --from welcome@example.com, or set from_address in infra/environments/${stage}.tfvars.`);
  }
  if (spawnSync('terraform', ['version']).error) {
    fail('Terraform is not installed. Get 1.11 or newer from https://developer.hashicorp.com/terraform/install');
  }
  const { config } = new SQSClient({});
  await config.credentials().catch((error) => {
    fail(`There are no AWS credentials: ${error.message}\nSign in (\`aws sso login\`, \`aws configure\`), or set AWS_PROFILE.`);
  });
  if (sets('region') || process.env['TF_VAR_region']) return;
  await config.region().catch(() => fail(`No AWS region is set. Set AWS_REGION, or region in infra/environments/${stage}.tfvars.`));
}

/** Terraform would destroy everything else first, and then stop at the tables. */
function refuseWhereProtected() {
  const { stdout } = spawnSync('terraform', [`-chdir=${infra}`, 'output', '-json'], { encoding: 'utf8' });
  if (JSON.parse(stdout || '{}').protected?.value !== true) return;
  fail(`The data of ${stage} are protected. Set protect_data = false in infra/environments/${stage}.tfvars, deploy, and destroy then.`);
}

/** Nothing is sent while things are destroyed, but Terraform asks for the address. */
function sender() {
  return from ?? (destroy && !sets('from_address') ? 'nobody@example.com' : undefined);
}

function sets(variable) {
  return new RegExp(`^\\s*${variable}\\s*=`, 'm').test(readFileSync(file, 'utf8'));
}

function terraform(args, otherwise) {
  run('terraform', [`-chdir=${infra}`, ...args], otherwise);
}

function run(command, args, otherwise) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error || status !== 0) fail(error ? `${otherwise} (${error.message})` : otherwise);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
