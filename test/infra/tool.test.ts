import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { root } from './plan.ts';

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'rollcall-infra-'));
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

describe('npm run infra', () => {
  test('says aloud that there is no Terraform, and lets it pass', () => {
    expect(infra()).toMatchObject({ status: 0, stdout: expect.stringContaining('skipped: Terraform is not installed.') });
  });

  test('says aloud that there is no provider, and lets it pass', () => {
    terraformThat('init) echo "Failed to query available provider packages"; exit 1 ;;');
    expect(infra()).toMatchObject({ status: 0, stdout: expect.stringContaining('skipped: Terraform could not get the AWS provider') });
  });

  test.each([
    ['of another form', 'fmt) echo "-  a=1"; exit 3 ;;', /-\s+a=1\nRun `terraform fmt -recursive infra`/],
    ['with an error', 'init) echo "Unsupported block type"; exit 1 ;;', /Unsupported block type\nTerraform could not be initialised/],
    ['that is not valid', 'validate) echo "Unsupported argument"; exit 1 ;;', /Unsupported argument\nThe configuration is not valid/],
  ])('fails for Terraform %s', (_what, answer, message) => {
    terraformThat(answer);
    const { status, stderr } = infra();
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  test('fails where the tests of infra/tests fail, with what they say', () => {
    const said = {
      type: 'diagnostic',
      diagnostic: { severity: 'error', summary: 'Test assertion failed', detail: 'The key is not rotated.' },
    };
    terraformThat(`test) echo '${JSON.stringify(said)}'; exit 1 ;;`);
    expect(infra().stderr).toContain('Test assertion failed: The key is not rotated.\nThe tests of infra/tests fail.');
  });
});

/** A double of Terraform; all goes well but for what the shell's `case` says, by subcommand. */
function terraformThat(answers: string): void {
  const script = `#!/bin/sh\ncase "$1" in -chdir=*) shift ;; esac\ncase "$1" in ${answers} esac\nexit 0\n`;
  writeFileSync(join(bin, 'terraform'), script, { mode: 0o755 });
}

function infra() {
  const env = { PATH: bin };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'tools/infra.mjs')], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}
