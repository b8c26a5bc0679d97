import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { root } from './plan.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rollcall-deploy-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const credentials = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-central-1' };

describe('npm run deploy', () => {
  test('bundles, selects the stage’s workspace, and applies with its variables', () => {
    const { status, stdout, calls } = deploy(['dev', '--from', 'welcome@example.com', '--yes'], credentials);
    expect(calls).toEqual([
      'npm run bundle',
      'terraform init -input=false',
      'terraform workspace select -or-create dev',
      'terraform apply -input=false -var-file=environments/dev.tfvars -var=from_address=welcome@example.com -auto-approve',
    ]);
    expect(stdout).toContain('import FILE --world aws');
    expect(status).toBe(0);
  });

  test('without --yes Terraform asks', () => {
    expect(deploy(['--from', 'welcome@example.com'], credentials).calls.at(-1)).not.toContain('-auto-approve');
  });

  test.each([
    ['the From address', ['dev'], credentials, /Whom do the welcomes come from\? Give --from/],
    [
      'a stage that exists',
      ['staging', '--from', 'welcome@example.com'],
      credentials,
      /no infra\/environments\/staging\.tfvars\. There are dev, prod/,
    ],
    ['credentials', ['--from', 'welcome@example.com'], {}, /There are no AWS credentials: .*\nSign in/],
    ['a region', ['--from', 'welcome@example.com'], { ...credentials, AWS_REGION: '' }, /No AWS region is set\. Set AWS_REGION/],
    ['a flag that exists', ['--form', 'welcome@example.com'], credentials, /--form[^]*Usage: npm run deploy/],
  ])('asks for %s before anything is done', (_what, args, environment, message) => {
    const { status, stderr, calls } = deploy(args, environment);
    expect(stderr).toMatch(message);
    expect(calls).toEqual([]);
    expect(status).toBe(1);
  });

  test('says where to get Terraform', () => {
    const { stderr, calls } = deploy(['--from', 'welcome@example.com'], credentials, { terraform: false });
    expect(stderr).toContain('Terraform is not installed. Get 1.11 or newer from https://developer.hashicorp.com/terraform/install');
    expect(calls).toEqual([]);
  });

  test('stops where Terraform stops', () => {
    const { status, stderr, calls } = deploy(['--from', 'welcome@example.com'], credentials, { failing: 'init' });
    expect(stderr).toContain('Terraform could not be initialised');
    expect(calls.at(-1)).toBe('terraform init -input=false');
    expect(status).toBe(1);
  });
});

describe('npm run destroy', () => {
  test('destroys a stage whose data are not protected', () => {
    const { calls } = deploy(['dev', '--destroy', '--yes'], credentials);
    expect(calls.at(-1)).toBe(
      'terraform destroy -input=false -var-file=environments/dev.tfvars -var=from_address=nobody@example.com -auto-approve',
    );
    expect(calls).not.toContain('npm run bundle');
  });

  test('destroys nothing where they are', () => {
    const { status, stderr, calls } = deploy(['prod', '--destroy', '--yes'], credentials, { output: '{"protected":{"value":true}}' });
    expect(stderr).toContain('The data of prod are protected. Set protect_data = false');
    expect(calls.filter((call) => call.startsWith('terraform destroy'))).toEqual([]);
    expect(status).toBe(1);
  });
});

/** Runs the script with doubles of `terraform` and `npm` that note how they were called. */
function deploy(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  doubles: { terraform?: boolean; failing?: string; output?: string } = {},
) {
  const bin = join(home, 'bin');
  const log = join(home, 'calls');
  mkdirSync(bin);
  writeFileSync(log, '');
  symlinkSync(process.execPath, join(bin, 'node'));
  const note = `#!/bin/sh
case "$1" in -chdir=*) shift ;; esac
[ "$1" = version ] && exit 0
[ "$1" = output ] && { echo '${doubles.output ?? '{}'}'; exit 0; }
echo "\${0##*/} $*" >> '${log}'
[ "$1" != '${doubles.failing ?? ''}' ]
`;
  for (const name of doubles.terraform === false ? ['npm'] : ['npm', 'terraform']) {
    writeFileSync(join(bin, name), note);
    chmodSync(join(bin, name), 0o755);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'tools/deploy.mjs'), ...args], {
    encoding: 'utf8',
    // Nothing of the machine's own settings.
    env: {
      PATH: bin,
      HOME: home,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      ...environment,
    },
    cwd: dirname(home),
  });
  return { status, stdout, stderr, calls: readFileSync(log, 'utf8').split('\n').filter(Boolean) };
}
